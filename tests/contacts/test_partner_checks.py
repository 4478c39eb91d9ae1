"""CONT-27: what other agencies are asked."""

from __future__ import annotations

from tests import facts as f
from tests.contacts.first_steps import (
    ALLOCATED,
    CHECKS_DUE,
    HEALTH,
    ORDER,
    PRISON,
    RELEASED,
    SAFEGUARDING,
    YOUTH,
    checks,
)


def test_from_allocation_safeguarding_domestic_abuse_and_health_are_asked_about_everyone() -> None:
    assert checks(ORDER, ALLOCATED, on="2026-06-03") == {}
    asked = {f"S1/{SAFEGUARDING}": CHECKS_DUE, f"S1/{HEALTH}": CHECKS_DUE}
    assert checks(ORDER, ALLOCATED, on="2026-06-04") == asked
    assert checks(ORDER, ALLOCATED, on="2026-12-01") == asked


def test_youth_offending_services_are_asked_about_a_young_adult() -> None:
    assert checks(f.order("2026-06-01", "2027-05-31", cohorts="young_adult"), ALLOCATED) == {
        f"S1/{SAFEGUARDING}": CHECKS_DUE,
        f"S1/{HEALTH}": CHECKS_DUE,
        f"S1/{YOUTH}": CHECKS_DUE,
    }


def test_without_an_allocation_nobody_is_asked() -> None:
    assert checks(ORDER) == {}
    assert checks(ORDER, f.allocated("2026-06-04", sentence="S2")) == {}


def test_only_the_first_allocation_counts() -> None:
    again = f.allocated("2026-06-25", "change", to="P2")
    assert set(checks(ORDER, again, ALLOCATED).values()) == {CHECKS_DUE}


def test_a_check_is_dealt_with_on_the_day_of_its_answer() -> None:
    answer = f.checked("2026-06-10", SAFEGUARDING)
    assert checks(ORDER, ALLOCATED, answer, on="2026-06-09")[f"S1/{SAFEGUARDING}"] == CHECKS_DUE
    assert checks(ORDER, ALLOCATED, answer, on="2026-06-10") == {
        f"S1/{SAFEGUARDING}": "resolved",
        f"S1/{HEALTH}": CHECKS_DUE,
    }


def test_a_check_answered_late_is_dealt_with_too() -> None:
    assert checks(ORDER, ALLOCATED, f.checked("2026-06-25", HEALTH))[f"S1/{HEALTH}"] == "resolved"


def test_a_check_that_was_answered_before_allocation_is_not_asked_for() -> None:
    assert f"S1/{HEALTH}" not in checks(ORDER, ALLOCATED, f.checked("2026-06-03", HEALTH))
    assert checks(ORDER, ALLOCATED, f.checked("2026-06-04", HEALTH))[f"S1/{HEALTH}"] == "resolved"


def test_a_check_is_for_one_sentence() -> None:
    second = f.order("2026-06-01", "2027-05-31", id="S2")
    facts = [
        ORDER,
        second,
        ALLOCATED,
        f.allocated("2026-06-05", sentence="S2"),
        f.checked("2026-06-10", HEALTH, sentence="S2"),
    ]
    found = checks(*facts)
    assert found[f"S1/{HEALTH}"] == CHECKS_DUE
    assert found[f"S2/{HEALTH}"] == "resolved"
    assert found[f"S2/{SAFEGUARDING}"] == "2026-06-19"


def test_allocated_before_release_the_checks_are_due_from_release() -> None:
    facts = [PRISON, f.allocated("2026-03-02")]
    assert checks(*facts) == {}
    assert checks(*facts, RELEASED, on="2026-04-01") == {}
    assert set(checks(*facts, RELEASED, on="2026-04-02").values()) == {"2026-04-20"}


def test_nobody_is_asked_if_supervision_never_began() -> None:
    assert checks(PRISON, f.allocated("2026-03-02"), f.died("2026-03-10")) == {}
    assert checks(PRISON, f.allocated("2026-03-02"), RELEASED, f.died("2026-03-10")) == {}
    assert checks(ORDER, ALLOCATED, f.revoked("2026-06-03", "quashed")) == {}


def test_what_is_open_when_supervision_is_over_ends_with_it() -> None:
    over = [f.revoked("2026-06-15"), f.checked("2026-06-15", HEALTH), f.checked("2026-06-16", SAFEGUARDING)]
    assert set(checks(ORDER, ALLOCATED, *over, on="2026-06-14").values()) == {CHECKS_DUE}
    assert checks(ORDER, ALLOCATED, *over) == {f"S1/{SAFEGUARDING}": "ended", f"S1/{HEALTH}": "resolved"}
    assert set(checks(ORDER, ALLOCATED, f.died("2026-06-15")).values()) == {"ended"}
    runs_out = f.order("2026-06-01", "2026-06-20")
    assert set(checks(runs_out, ALLOCATED, on="2026-06-20").values()) == {CHECKS_DUE}
    assert set(checks(runs_out, ALLOCATED, on="2026-06-21").values()) == {"ended"}


def test_custody_stops_no_check() -> None:
    assert set(checks(ORDER, ALLOCATED, f.taken("2026-06-10")).values()) == {CHECKS_DUE}
