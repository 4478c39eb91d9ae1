"""Reset on orders: only the appointments of a rehabilitation activity requirement cease (CONT-22)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from schemas.contacts import ContactResumed, ContactStandardMissed, ContactSuspended
from services.contacts.suspensions.suspension import suspended_during, suspensions
from services.contacts.view import ContactsView
from tests.contacts.facts import (
    POLICY,
    Known,
    completed,
    custodial,
    keys,
    left,
    order,
    registered,
    released,
    sentence,
    taken,
    varied,
)
from tests.contacts.facts_suspensions import ASSESSED, IN_RESET, LICENCE, YEAR, rar_order, said, spans
from tests.contacts.policies import changed

TREATED = order("2026-01-01", "2026-12-31", only=("alcohol_treatment",))
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
    assert spans(sentence(kind, "2026-01-01", "2026-12-31", only=required), ASSESSED) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([custodial("2026-01-01")], [], id="not released: not"),
        pytest.param(LICENCE, [IN_RESET], id="on licence: suspended"),
        pytest.param(
            [custodial("2024-09-01"), released("2025-01-01", "2024-12-31", "2025-12-31")],
            [("2025-01-01", "2026-01-01", "reset")],
            id="in post-sentence supervision: suspended",
        ),
    ],
)
def test_a_custodial_sentence_has_no_requirements_and_needs_none(facts: Any, expected: Any) -> None:
    assert spans(*facts, ASSESSED) == expected


def test_an_order_without_one_says_nothing_to_its_end() -> None:
    for on in ("2026-09-02", "2026-12-31", "2027-01-01"):
        assert said(TREATED, ASSESSED, on=on).findings == []


def test_its_standard_is_tested_to_the_end() -> None:
    missed = Known(TREATED, ASSESSED).on("2027-02-01").of(ContactStandardMissed)
    assert keys(missed) == [f"S1/2026-{month:02}-01" for month in range(1, 13)]


def test_a_requirement_that_is_done_is_still_one_of_the_order() -> None:
    assert spans(YEAR, completed("2026-08-01", kind="rar"), ASSESSED) == [IN_RESET]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(
            [YEAR, varied("2026-10-01", "2026-12-31", only=("alcohol_treatment",))],
            [("2026-09-02", "2026-10-01", "reset")],
            id="dropped in the last third",
        ),
        pytest.param(
            [YEAR, varied("2026-10-01", "2026-12-31", only=("unpaid_work",))],
            [("2026-09-02", "2026-10-01", "reset")],
            id="dropped, only unpaid work left",
        ),
        pytest.param(
            [YEAR, varied("2026-10-01", "2026-12-31", only=())],
            [("2026-09-02", "2026-10-01", "reset")],
            id="dropped, nothing left",
        ),
        pytest.param(
            [YEAR, varied("2026-10-01", "2026-12-31", only=("alcohol_treatment", "rar"))],
            [IN_RESET],
            id="kept beside another",
        ),
        pytest.param(
            [YEAR, varied("2026-09-01", "2026-12-31", only=("alcohol_treatment",))],
            [],
            id="dropped the day before the last third",
        ),
        pytest.param(
            [YEAR, varied("2026-09-02", "2026-12-31", only=("alcohol_treatment",))],
            [],
            id="dropped on its first day",
        ),
        pytest.param(
            [YEAR, varied("2026-09-03", "2026-12-31", only=("alcohol_treatment",))],
            [("2026-09-02", "2026-09-03", "reset")],
            id="dropped on its second day",
        ),
        pytest.param(
            [YEAR, varied("2027-01-01", "2027-06-30", only=("alcohol_treatment",))],
            [IN_RESET],
            id="dropped when the order was over: not at all",
        ),
        pytest.param(
            [TREATED, varied("2026-09-01", "2026-12-31", only=("rar",))],
            [IN_RESET],
            id="added the day before the last third",
        ),
        pytest.param(
            [TREATED, varied("2026-09-02", "2026-12-31", only=("rar",))],
            [IN_RESET],
            id="added on its first day",
        ),
        pytest.param(
            [TREATED, varied("2026-10-01", "2026-12-31", only=("rar",))],
            [("2026-10-01", "2027-01-01", "reset")],
            id="added in the last third",
        ),
        pytest.param(
            [
                order("2026-01-01", "2026-12-31", only=("unpaid_work",)),
                varied("2026-10-01", "2026-12-31", only=("rar",)),
            ],
            [("2026-10-01", "2027-01-01", "reset")],
            id="added to stand-alone unpaid work",
        ),
        pytest.param(
            [
                YEAR,
                varied("2026-10-01", "2026-12-31", only=("alcohol_treatment",)),
                varied("2026-11-01", "2026-12-31", only=("rar",)),
            ],
            [("2026-09-02", "2026-10-01", "reset"), ("2026-11-01", "2027-01-01", "reset")],
            id="dropped and added again",
        ),
        pytest.param(
            [YEAR, varied("2026-10-01", "2026-12-31", "S2", only=())],
            [IN_RESET],
            id="dropped from another order",
        ),
        pytest.param(
            [
                TREATED,
                varied("2026-10-01", "2026-12-31", only=("rar",)),
                registered("2026-10-15", "mappa"),
            ],
            [("2026-10-01", "2026-10-15", "reset")],
            id="added, then exempt",
        ),
    ],
)
def test_a_variation_adds_or_drops_it(facts: Any, expected: Any) -> None:
    assert spans(*facts, ASSESSED) == expected


def test_contact_is_resumed_the_day_it_is_dropped_and_rests_on_the_variation() -> None:
    facts = [YEAR, varied("2026-10-01", "2026-12-31", only=("alcohol_treatment",))]
    before, on = (said(*facts, ASSESSED, on=day) for day in ("2026-09-30", "2026-10-01"))
    assert (before.resumed, before.wake_on) == ([], date(2026, 10, 1))
    assert (on.suspended, on.resumed) == ([("S1/2026-09-02", "reset")], [("S1/2026-10-01", "reset")])
    (resumed,) = on.of(ContactResumed)
    assert resumed.because[-1].event_id == "E1"


def test_contact_is_suspended_the_day_it_is_added_and_rests_on_the_variation() -> None:
    facts = [TREATED, varied("2026-10-01", "2026-12-31", only=("rar",))]
    assert said(*facts, ASSESSED, on="2026-09-30").findings == []
    (told,) = said(*facts, ASSESSED, on="2026-10-01").of(ContactSuspended)
    assert told.key == "S1/2026-10-01"
    assert "E1" in [record.event_id for record in told.because]


@pytest.mark.parametrize(
    ("other", "first", "second"),
    [
        pytest.param(
            order("2026-01-01", "2026-12-31", "S2", only=("alcohol_treatment",)),
            [IN_RESET],
            [],
            id="in its last third: the other is suspended, it is not",
        ),
        pytest.param(
            order("2026-07-01", "2026-12-27", "S2", only=("alcohol_treatment",)),
            [("2026-10-29", "2027-01-01", "reset")],
            [],
            id="before its last third the other waits for it",
        ),
    ],
)
def test_an_order_without_one_beside_another_sentence(other: Any, first: Any, second: Any) -> None:
    for facts in ([YEAR], LICENCE):
        assert spans(*facts, other, ASSESSED) == first
        assert spans(*facts, other, ASSESSED, sentence="S2") == second


def test_it_is_suspended_in_custody_like_any_other() -> None:
    facts = [TREATED, taken("2026-10-01"), left("2026-10-10")]
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


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param([YEAR], id="an order"),
        pytest.param(LICENCE, id="a licence"),
        pytest.param(
            [custodial("2025-09-01"), released("2026-01-01", "2026-06-30", "2026-12-31")],
            id="a licence that post-sentence supervision follows",
        ),
        pytest.param(
            [
                custodial("2025-01-01"),
                released("2025-06-01", "2026-12-31"),
                released("2026-01-10", "2026-12-31"),
            ],
            id="a licence that follows on another",
        ),
    ],
)
def test_nothing_is_worked_out_for_days_surely_before_reset(facts: Any) -> None:
    of = ContactsView(Known(*facts, registered("2026-01-10", "mappa"), ASSESSED).case, POLICY)
    assert suspended_during(of, "S1", date(2026, 2, 1), date(2026, 2, 28)) == []
    assert suspensions not in of._answers


@pytest.mark.parametrize(
    ("facts", "first"),
    [
        pytest.param([YEAR], date(2026, 9, 2), id="the last third of an order"),
        pytest.param([rar_order("2026-01-01", "2026-03-31")], date(2026, 3, 2), id="two thirds to the day"),
        pytest.param(LICENCE, date(2026, 9, 2), id="that of a licence"),
        pytest.param(
            [custodial("2025-09-01"), released("2026-01-01", "2025-12-31", "2026-04-30")],
            date(2026, 1, 1),
            id="post-sentence supervision",
        ),
        pytest.param([TREATED, taken("2026-02-01"), left("2026-02-02")], date(2026, 2, 1), id="custody"),
        pytest.param(
            [YEAR, varied("2026-04-01", "2026-04-30", only=("rar",))], date(2026, 4, 1), id="shortened"
        ),
        pytest.param(
            [YEAR, varied("2026-10-01", "2027-06-30", only=("rar",))],
            date(2026, 9, 2),
            id="the last third before it was extended",
        ),
    ],
)
def test_the_first_day_suspended_is_found_and_the_day_before_is_not(facts: Any, first: date) -> None:
    before = date.fromordinal(first.toordinal() - 1)
    case = Known(*facts, ASSESSED).case
    assert suspended_during(ContactsView(case, POLICY), "S1", before, before) == []
    (found,) = suspended_during(ContactsView(case, POLICY), "S1", first, first)
    assert found.first == first
