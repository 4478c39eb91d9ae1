"""When a programme or a treatment has started (unpaid work: test_unpaid_work_start)."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.referrals import InterventionStarted
from tests.referrals.facts import Known, activity, day, order, requirement


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        ("accredited_programme", "AP-1"),
        ("mental_health_treatment", "CSTR-1"),
        ("drug_rehabilitation", "CSTR-1"),
        ("alcohol_treatment", "CSTR-1"),
    ],
)
@pytest.mark.parametrize("amount", [3, None])
def test_a_programme_or_treatment_starts_with_its_first_session_attended(
    kind: Any, rule: str, amount: int | None
) -> None:
    known = Known(
        order("2026-01-05", "2027-01-04", requirement(kind, amount)),
        activity("2026-01-04", id="P0"),
        activity("2026-02-02", "acceptable_absence", reason="medical"),
        activity("2026-02-03", "failed_to_comply"),
        activity("2026-02-16"),
        activity("2026-02-09"),
    )
    assert known.on("2026-02-08").of(InterventionStarted) == []
    (finding,) = known.on("2026-06-01").findings(InterventionStarted)
    assert finding.event == InterventionStarted(
        referral_id="R1", requirement_id="R1", started_on=day("2026-02-09")
    )
    assert finding.rules == (rule,)
    assert [record.event_id for record in finding.because] == ["E005", "E000"]


@pytest.mark.parametrize("kind", ["rar", "curfew", "other"])
def test_what_leads_to_no_referral_of_its_own_has_no_start(kind: Any) -> None:
    facts = [order("2026-01-05", "2027-01-04", requirement(kind, 3)), activity("2026-02-09")]
    assert Known(*facts).on("2026-06-01").of(InterventionStarted) == []
