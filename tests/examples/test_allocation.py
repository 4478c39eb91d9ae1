"""Worked examples of allocation that need another policy, or many people."""

from pathlib import Path

from services.allocation.app import SERVICE
from tests import facts as f
from tests.casebook import on
from tests.examples.play import play
from tests.policies import changed


def test_e5_a_policy_may_count_calendar_days(tmp_path: Path) -> None:
    """E5: E1 with another unit is due on Tuesday 29 December."""
    policy = changed(SERVICE, tmp_path, allocation_days={"unit": '"calendar_days"'})
    case = on("2026-12-24", SERVICE, f.order("2026-12-24"), policy=policy)
    assert case.one("AllocationDue").due_on.isoformat() == "2026-12-29"


def test_e8_workload_before_and_after_a_new_c2_case() -> None:
    """E8: 22.2 hours are 1305 points; 1200 held (24 cases of C1) and 63 more are 92.0 and 96.8 per cent."""
    facts = [f.practitioner(hours=22.2)]
    for n in range(24):
        held = [f.order("2026-06-01"), f.risk("2026-06-01", ogrs=0, needs="", severe="")]
        facts += [fact.about(f"X0000{n:02}") for fact in held]
    facts += [f.order("2026-06-02"), f.risk("2026-06-02")]
    ledger = play(facts, "2026-06-02")
    last = ledger.standing("CaseAllocated")[-1]
    assert (last.workload_percent_before, last.workload_percent_after) == (92.0, 96.8)
    assert ledger.standing("PractitionerOverCapacity") == []
