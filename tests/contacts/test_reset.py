"""Probation Reset: from when on, for whom, and who is exempt (CONT-22, CONT-23)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.contacts.app import SERVICE
from tests import facts as f
from tests.contacts.said import assessed, rests_on
from tests.contacts.suspensions import ASSESSED, IN_RESET, YEAR, resumptions, spans, suspensions
from tests.table import table


@pytest.mark.parametrize(
    ("imposed", "ends", "first"),
    [
        pytest.param("2026-01-01", "2026-12-31", "2026-09-02", id="365 days: after 244"),
        pytest.param("2028-01-01", "2028-12-31", "2028-09-01", id="366 days of a leap year: after 244"),
        pytest.param("2027-03-01", "2028-02-29", "2027-10-31", id="366 days to 29 February: after 244"),
        pytest.param("2028-02-29", "2029-02-28", "2028-10-30", id="366 days from 29 February: after 244"),
        pytest.param("2026-01-01", "2026-03-31", "2026-03-02", id="90 days: after 60"),
        pytest.param("2028-01-01", "2028-03-30", "2028-03-01", id="90 days with a 29 February: after 60"),
        pytest.param("2026-01-01", "2026-04-01", "2026-03-03", id="91 days: after 61"),
        pytest.param("2026-01-01", "2026-04-02", "2026-03-04", id="92 days: after 62"),
        pytest.param("2026-01-01", "2026-04-03", "2026-03-04", id="93 days: after 62"),
        pytest.param("2026-01-01", "2026-01-04", "2026-01-04", id="four days: the last"),
        pytest.param("2026-01-01", "2026-01-03", "2026-01-03", id="three days: the last"),
    ],
)
def test_reset_starts_after_two_thirds_of_the_days_rounded_up(imposed: str, ends: str, first: str) -> None:
    over = (date.fromisoformat(ends) + timedelta(days=1)).isoformat()
    assert spans(f.order(imposed, ends), ASSESSED) == [(first, over, "reset")]
    assert spans(f.custodial(imposed), f.released(imposed, ends), ASSESSED) == [(first, over, "reset")]


@pytest.mark.parametrize(
    "ends", [pytest.param("2026-01-01", id="of one day"), pytest.param("2026-01-02", id="of two days")]
)
def test_supervision_too_short_for_thirds_has_no_reset(ends: str) -> None:
    assert spans(f.order("2026-01-01", ends), ASSESSED) == []


@table(
    """
    | case                                          | imposed    | ends       | expected |
    | over the day before it came: not              | 2023-07-01 | 2024-06-06 | [] |
    | in its last third when it came: from that day | 2023-07-01 | 2024-06-07 | [("2024-06-07", "2024-06-08", "reset")] |
    | its last third starts the very day            | 2024-04-08 | 2024-07-06 | [("2024-06-07", "2024-07-07", "reset")] |
    | its last third starts the day after           | 2024-04-09 | 2024-07-07 | [("2024-06-08", "2024-07-08", "reset")] |
    """,  # noqa: E501
)
def test_reset_came_on_7_june_2024(imposed: str, ends: str, expected: Any) -> None:
    assert spans(f.order(imposed, ends), ASSESSED) == expected


def test_the_fraction_and_the_day_are_policy(tmp_path: Path) -> None:
    text = SERVICE.policy.read_text(encoding="utf-8")
    text = text.replace("{ numerator = 2, denominator = 3 }", "{ numerator = 1, denominator = 2 }")
    path = tmp_path / "policy.toml"
    path.write_text(text.replace("2024-06-07", "2026-08-01"), encoding="utf-8")
    policy = SERVICE.load_policy(path)
    assert spans(YEAR, ASSESSED, policy=policy) == [("2026-08-01", "2027-01-01", "reset")]
    assert spans(f.order("2026-05-01", "2027-04-30"), ASSESSED, policy=policy) == [
        ("2026-10-31", "2027-05-01", "reset")
    ]


@table(
    """
    | case                                                        | expected                                 | facts |
    | the last third of the licence, and all that follows         | [("2025-03-02", "2026-01-01", "reset")]  | 2025-01-01 released ends=2025-03-31 pss=2025-12-31 |
    | released into post-sentence supervision: from the first day | [("2025-01-01", "2026-01-01", "reset")]  | 2025-01-01 released ends=2024-12-31 pss=2025-12-31 |
    | in post-sentence supervision when Reset came                | [("2024-06-07", "2024-07-01", "reset")]  | 2023-07-01 released ends=2023-12-31 pss=2024-06-30 |
    | over the day before it came                                 | []                                       | 2023-07-01 released ends=2023-12-31 pss=2024-06-06 |
    | until the repeal of post-sentence supervision               | [("2025-10-01", "2026-05-11", "reset")]  | 2025-06-01 released ends=2025-11-30 pss=2026-05-31 |
    | over on the eve of the repeal                               | [("2025-10-01", "2026-05-11", "reset")]  | 2025-06-01 released ends=2025-11-30 pss=2026-05-10 |
    | the licence outlasts the repeal                             | [("2026-01-31", "2026-06-01", "reset")]  | 2025-06-01 released ends=2026-05-31 pss=2026-11-30 |
    | released again: counted anew from that release              | [("2025-09-02", "2025-10-01", "reset"),  | 2025-01-01 released ends=2025-12-31; 2025-10-01 taken recall |
    |                                                             | ("2025-10-01", "2025-11-01", "custody"), | 2025-11-01 released ends=2025-12-31 |
    |                                                             | ("2025-12-12", "2026-01-01", "reset")]   | |
    | what a later release cut short did not end sooner           | [("2025-11-16", "2026-01-01", "reset")]  | 2025-01-01, 2025-08-15 released ends=2025-12-31 |
    """,  # noqa: E501
)
def test_reset_on_licence_and_in_post_sentence_supervision(facts: Any, expected: Any) -> None:
    assert spans(f.custodial("2023-01-01"), *facts, ASSESSED) == expected


@pytest.mark.parametrize(
    ("facts", "earlier"),
    [
        pytest.param(
            [f.risk("2026-01-10", "very_high")], [f.risk("2025-01-10", "very_high")], id="very high risk"
        ),
        *(
            pytest.param(
                [f.risk("2026-01-10", "low", mappa=level)],
                [f.risk("2025-01-10", "low", mappa=level)],
                id=f"MAPPA level {level} by assessment",
            )
            for level in (1, 2, 3)
        ),
        *(
            pytest.param([f.registered("2026-01-10", kind)], [f.registered("2025-01-10", kind)], id=kind)
            for kind in (
                "mappa",
                "child_protection",
                "intensive_supervision_court",
                "national_security_division",
            )
        ),
    ],
)
def test_exempt_from_reset(facts: Any, earlier: Any) -> None:
    assert spans(YEAR, *facts, ASSESSED) == []
    licence = [ASSESSED, f.custodial("2024-08-01"), f.released("2025-01-01", "2025-06-30", "2025-12-31")]
    assert spans(*licence) == [("2025-05-02", "2026-01-01", "reset")]
    assert spans(*licence, *earlier) == []


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param([f.risk("2026-01-10", "low")], id="low risk"),
        pytest.param([f.risk("2026-01-10", "high", needs="", severe="attitudes")], id="high risk with needs"),
        pytest.param([f.registered("2026-01-10", "domestic_abuse")], id="domestic abuse"),
        pytest.param([f.registered("2026-01-10", "stalking")], id="stalking"),
        pytest.param([f.registered("2027-01-01", "mappa")], id="registered when it was over"),
        pytest.param([f.lifted("2026-01-10", "mappa")], id="lifted, never registered"),
    ],
)
def test_not_exempt_from_reset(facts: Any) -> None:
    assert spans(YEAR, *facts, ASSESSED) == [IN_RESET]


@table(
    """
    | case                                                  | expected                                | facts |
    | registered on the first day of the last third         | []                                      | 2026-09-02 registered mappa |
    | registered the day after                              | [("2026-09-02", "2026-09-03", "reset")] | 2026-09-03 registered mappa |
    | lifted the day before                                 | [("2026-09-02", "2027-01-01", "reset")] | 2026-02-01 registered mappa; 2026-09-01 lifted mappa |
    | lifted that day                                       | [("2026-09-02", "2027-01-01", "reset")] | 2026-02-01 registered mappa; 2026-09-02 lifted mappa |
    | lifted the day after                                  | [("2026-09-03", "2027-01-01", "reset")] | 2026-02-01 registered mappa; 2026-09-03 lifted mappa |
    | registered, lifted, registered again and lifted again | [("2026-09-02", "2026-10-01", "reset"), | 2026-10-01 registered child protection |
    |                                                       | ("2026-10-20", "2026-11-10", "reset"),  | 2026-10-20 lifted child protection |
    |                                                       | ("2026-12-01", "2027-01-01", "reset")]  | 2026-11-10 registered child protection |
    |                                                       |                                         | 2026-12-01 lifted child protection |
    | two registrations: until both are lifted              | [("2026-09-02", "2026-10-01", "reset"), | 2026-10-01 registered mappa |
    |                                                       | ("2026-10-30", "2027-01-01", "reset")]  | 2026-10-10 registered child protection |
    |                                                       |                                         | 2026-10-20 lifted mappa; 2026-10-30 lifted child protection |
    | very high risk, then as before                        | [("2026-09-02", "2026-10-01", "reset"), | 2026-10-01 risk very high; 2026-11-01 risk |
    |                                                       | ("2026-11-01", "2027-01-01", "reset")]  | |
    | under MAPPA, then no longer                           | [("2026-09-02", "2026-10-01", "reset"), | 2026-10-01 risk low mappa=1; 2026-11-01 risk low |
    |                                                       | ("2026-11-01", "2027-01-01", "reset")]  | |
    """,  # noqa: E501
)
def test_exempt_while_a_registration_or_the_risk_says_so(facts: Any, expected: Any) -> None:
    assert spans(YEAR, *facts, ASSESSED) == expected


def test_contact_is_resumed_the_day_a_registration_arrives_and_suspended_the_day_it_is_lifted() -> None:
    facts = [YEAR, f.registered("2026-10-01", "mappa"), f.lifted("2026-11-01", "mappa"), ASSESSED]
    before, on, after = (assessed(day, *facts) for day in ("2026-09-30", "2026-10-01", "2026-11-01"))
    assert (suspensions(before), resumptions(before)) == ([("S1/2026-09-02", "reset")], [])
    assert (suspensions(on), resumptions(on)) == ([("S1/2026-09-02", "reset")], [("S1/2026-10-01", "reset")])
    assert suspensions(after) == [("S1/2026-09-02", "reset"), ("S1/2026-11-01", "reset")]
    assert resumptions(after) == [("S1/2026-10-01", "reset")]
    assert after.findings("ContactSuspended")[0].rules == ("CONT-22", "CONT-23")
    (resumed,) = on.findings("ContactResumed")
    assert rests_on(resumed, *facts)[-1] == 1
