"""Reset on orders: only the appointments of a rehabilitation activity requirement cease (CONT-22)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests import facts as f
from tests.contacts.said import POLICY, assessed, changed, rests_on
from tests.contacts.suspensions import (
    ASSESSED,
    IN_RESET,
    LICENCE,
    YEAR,
    follow_ups,
    refusals,
    resumptions,
    spans,
    suspensions,
)
from tests.table import table

TREATED = f.order("2026-01-01", "2026-12-31", "alcohol_treatment")
"""An order of the same year with a requirement, but no rehabilitation activity."""


@pytest.mark.parametrize("kind", ["community_order", "suspended_sentence_order"])
@pytest.mark.parametrize(
    ("required", "expected"),
    [
        pytest.param(("rar",), [IN_RESET], id="a rehabilitation activity"),
        pytest.param(("alcohol_treatment", "rar"), [IN_RESET], id="treatment and a rehabilitation activity"),
        pytest.param(("unpaid_work", "rar"), [IN_RESET], id="unpaid work and a rehabilitation activity"),
        pytest.param(("alcohol_treatment",), [], id="treatment alone: not"),
        pytest.param(("unpaid_work", "alcohol_treatment"), [], id="unpaid work and treatment: not"),
        pytest.param(("unpaid_work",), [], id="stand-alone unpaid work: not"),
        pytest.param((), [], id="no requirement: not"),
    ],
)
def test_an_order_is_suspended_only_with_a_rehabilitation_activity(
    kind: str, required: tuple[str, ...], expected: Any
) -> None:
    assert spans(f.order("2026-01-01", "2026-12-31", ", ".join(required), kind=kind), ASSESSED) == expected


@table(
    """
    | case                                    | expected                                | facts |
    | not released: not                       | []                                      | 2026-01-01 custodial |
    | on licence: suspended                   | [("2026-09-02", "2027-01-01", "reset")] | LICENCE |
    | in post-sentence supervision: suspended | [("2025-01-01", "2026-01-01", "reset")] | 2024-09-01 custodial; 2025-01-01 released ends=2024-12-31 pss=2025-12-31 |
    """,  # noqa: E501
    LICENCE=LICENCE,
)
def test_a_custodial_sentence_has_no_requirements_and_needs_none(facts: Any, expected: Any) -> None:
    assert spans(*facts, ASSESSED) == expected


def test_an_order_without_one_says_nothing_to_its_end() -> None:
    for on in ("2026-09-02", "2026-12-31", "2027-01-01"):
        case = assessed(on, TREATED, ASSESSED)
        assert (suspensions(case), resumptions(case), refusals(case), follow_ups(case)) == ([], [], [], [])


def test_its_standard_is_tested_to_the_end() -> None:
    missed = assessed("2027-02-01", TREATED, ASSESSED).findings("ContactStandardMissed")
    assert [one.key for one in missed] == [f"S1/2026-{month:02}-01" for month in range(1, 13)]


def test_a_requirement_that_is_done_is_still_one_of_the_order() -> None:
    assert spans(YEAR, f.completed("2026-08-01", "rar", id="UPW"), ASSESSED) == [IN_RESET]


@table(
    """
    | case                                        | expected                                                                       | facts |
    | dropped in the last third                   | [("2026-09-02", "2026-10-01", "reset")]                                        | YEAR |
    |                                             |                                                                                | 2026-10-01 varied ends=2026-12-31 requires=alcohol_treatment |
    | dropped, only unpaid work left              | [("2026-09-02", "2026-10-01", "reset")]                                        | YEAR; 2026-10-01 varied ends=2026-12-31 requires=unpaid_work |
    | dropped, nothing left                       | [("2026-09-02", "2026-10-01", "reset")]                                        | YEAR; 2026-10-01 varied ends=2026-12-31 requires="" |
    | kept beside another                         | [("2026-09-02", "2027-01-01", "reset")]                                        | YEAR |
    |                                             |                                                                                | 2026-10-01 varied ends=2026-12-31 requires="alcohol_treatment, rar" |
    | dropped the day before the last third       | []                                                                             | YEAR |
    |                                             |                                                                                | 2026-09-01 varied ends=2026-12-31 requires=alcohol_treatment |
    | dropped on its first day                    | []                                                                             | YEAR |
    |                                             |                                                                                | 2026-09-02 varied ends=2026-12-31 requires=alcohol_treatment |
    | dropped on its second day                   | [("2026-09-02", "2026-09-03", "reset")]                                        | YEAR |
    |                                             |                                                                                | 2026-09-03 varied ends=2026-12-31 requires=alcohol_treatment |
    | dropped when the order was over: not at all | [("2026-09-02", "2027-01-01", "reset")]                                        | YEAR |
    |                                             |                                                                                | 2027-01-01 varied ends=2027-06-30 requires=alcohol_treatment |
    | added the day before the last third         | [("2026-09-02", "2027-01-01", "reset")]                                        | TREATED; 2026-09-01 varied ends=2026-12-31 |
    | added on its first day                      | [("2026-09-02", "2027-01-01", "reset")]                                        | TREATED; 2026-09-02 varied ends=2026-12-31 |
    | added in the last third                     | [("2026-10-01", "2027-01-01", "reset")]                                        | TREATED; 2026-10-01 varied ends=2026-12-31 |
    | added to stand-alone unpaid work            | [("2026-10-01", "2027-01-01", "reset")]                                        | 2026-01-01 order ends=2026-12-31 requires=unpaid_work |
    |                                             |                                                                                | 2026-10-01 varied ends=2026-12-31 |
    | dropped and added again                     | [("2026-09-02", "2026-10-01", "reset"), ("2026-11-01", "2027-01-01", "reset")] | YEAR |
    |                                             |                                                                                | 2026-10-01 varied ends=2026-12-31 requires=alcohol_treatment |
    |                                             |                                                                                | 2026-11-01 varied ends=2026-12-31 |
    | dropped from another order                  | [("2026-09-02", "2027-01-01", "reset")]                                        | YEAR; 2026-10-01 varied S2 ends=2026-12-31 requires="" |
    | added, then exempt                          | [("2026-10-01", "2026-10-15", "reset")]                                        | TREATED; 2026-10-01 varied ends=2026-12-31 |
    |                                             |                                                                                | 2026-10-15 registered mappa |
    """,  # noqa: E501
    YEAR=YEAR,
    TREATED=TREATED,
)
def test_a_variation_adds_or_drops_it(facts: Any, expected: Any) -> None:
    assert spans(*facts, ASSESSED) == expected


def test_contact_is_resumed_the_day_it_is_dropped_and_rests_on_the_variation() -> None:
    facts = [YEAR, f.varied("2026-10-01", "2026-12-31", "alcohol_treatment")]
    before, on = (assessed(day, *facts, ASSESSED) for day in ("2026-09-30", "2026-10-01"))
    assert (resumptions(before), before.wake_on) == ([], date(2026, 10, 1))
    assert (suspensions(on), resumptions(on)) == ([("S1/2026-09-02", "reset")], [("S1/2026-10-01", "reset")])
    (resumed,) = on.findings("ContactResumed")
    assert resumed.because[-1].event_id == facts[1].id


def test_contact_is_suspended_the_day_it_is_added_and_rests_on_the_variation() -> None:
    facts = [TREATED, f.varied("2026-10-01", "2026-12-31")]
    assert suspensions(assessed("2026-09-30", *facts, ASSESSED)) == []
    (told,) = assessed("2026-10-01", *facts, ASSESSED).findings("ContactSuspended")
    assert told.key == "S1/2026-10-01"
    assert 1 in rests_on(told, *facts, ASSESSED)


@table(
    """
    | case                                                 | first                                   | second | fact |
    | in its last third: the other is suspended, it is not | [("2026-09-02", "2027-01-01", "reset")] | []     | 2026-01-01 order S2 ends=2026-12-31 requires=alcohol_treatment |
    | before its last third the other waits for it         | [("2026-10-29", "2027-01-01", "reset")] | []     | 2026-07-01 order S2 ends=2026-12-27 requires=alcohol_treatment |
    """,  # noqa: E501
)
def test_an_order_without_one_beside_another_sentence(fact: Any, first: Any, second: Any) -> None:
    for facts in ([YEAR], LICENCE):
        assert spans(*facts, fact, ASSESSED) == first
        assert spans(*facts, fact, ASSESSED, sentence="S2") == second


def test_it_is_suspended_in_custody_like_any_other() -> None:
    facts = [TREATED, f.taken("2026-10-01"), f.left("2026-10-10")]
    assert spans(*facts, ASSESSED) == [("2026-10-01", "2026-10-10", "custody")]


def test_which_requirements_cease_is_policy(tmp_path: Path) -> None:
    policy = changed(tmp_path, reset_order_requirements='["alcohol_treatment"]')
    assert spans(TREATED, ASSESSED, policy=policy) == [IN_RESET]
    assert spans(YEAR, ASSESSED, policy=policy) == []
    none = changed(tmp_path, reset_order_requirements="[]")
    assert spans(YEAR, ASSESSED, policy=none) == []
    assert spans(*LICENCE, ASSESSED, policy=none) == [IN_RESET]


def test_both_lists_are_published() -> None:
    values = POLICY.on(date(2026, 9, 2))
    assert values.texts("reset_order_requirements") == ("rar",)
    assert values.texts("reset_follow_up_stages") == ("licence",)


@table(
    """
    | case                                             | facts |
    | an order                                         | 2026-01-01 order |
    | a licence                                        | 2025-09-01 custodial; 2026-01-01 released ends=2026-12-31 |
    | a licence that post-sentence supervision follows | 2025-09-01 custodial; 2026-01-01 released ends=2026-06-30 pss=2026-12-31 |
    | a licence that follows on another                | 2025-01-01 custodial; 2025-06-01, 2026-01-10 released ends=2026-12-31 |
    """,  # noqa: E501
)
def test_nothing_is_suspended_on_days_surely_before_reset(facts: Any) -> None:
    known = [*facts, f.registered("2026-01-10", "mappa"), ASSESSED]
    assert suspensions(assessed("2026-02-28", *known)) == []


@table(
    """
    | case                                  | first      | facts |
    | the last third of an order            | 2026-09-02 | YEAR |
    | two thirds to the day                 | 2026-03-02 | 2026-01-01 order ends=2026-03-31 |
    | that of a licence                     | 2026-09-02 | LICENCE |
    | post-sentence supervision             | 2026-01-01 | 2025-09-01 custodial; 2026-01-01 released ends=2025-12-31 pss=2026-04-30 |
    | custody                               | 2026-02-01 | TREATED; 2026-02-01 taken; 2026-02-02 left |
    | shortened                             | 2026-04-01 | YEAR; 2026-04-01 varied ends=2026-04-30 |
    | the last third before it was extended | 2026-09-02 | YEAR; 2026-10-01 varied ends=2027-06-30 |
    """,  # noqa: E501
    YEAR=YEAR,
    LICENCE=LICENCE,
    TREATED=TREATED,
)
def test_the_first_day_suspended_is_found_and_the_day_before_is_not(facts: Any, first: str) -> None:
    before = date.fromisoformat(first) - timedelta(days=1)
    assert suspensions(assessed(before, *facts, ASSESSED)) == []
    ((key, _),) = suspensions(assessed(first, *facts, ASSESSED))
    assert key == f"S1/{first}"
