"""What stands depends on what the sources said, never on the order in which it arrived."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from feeds.statement import Place
from tests.feeds.hearings import PNC, application, by_cjs, defendant, hearing, order, unpaid_work
from tests.feeds.notices import notice
from tests.feeds.world import CRN, World

_VARIED = hearing(
    id="H2",
    shared="2026-06-01T12:00:00Z",
    applications=(application("CJ03513", by_cjs("V1", "1030", newEndDate="01/09/2027")),),
)
_REGISTRATION = {"registrationId": "7", "registerTypeCode": "RHRH", "registrationDate": "2026-03-01"}
_MOVE = {"sourceCRN": CRN, "targetCRN": "X000002", "sourceEventNumber": "1", "targetEventNumber": "3"}

MESSAGES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("common-platform", hearing(defendant(order(), unpaid_work()))),
    ("common-platform", hearing(defendant(order(), unpaid_work("90 Hours")), shared="2026-03-02T11:10:00Z")),
    ("common-platform", hearing(defendant(), shared="2026-03-02T11:20:00Z")),
    ("common-platform", hearing(defendant(order(end="01/06/2027")), shared="2026-03-02T11:30:00Z")),
    ("common-platform", hearing(defendant(), shared="2026-03-03T11:30:00Z", hearingDay="2026-03-03")),
    ("common-platform", _VARIED),
    ("hmpps", notice("probation-case.registration.added", **_REGISTRATION)),
    ("hmpps", notice("probation-case.registration.deregistered", "2026-05-01T10:00:00Z", **_REGISTRATION)),
    ("hmpps", notice("risk-assessment.scores.rsr.determined", RSRScore="6.9", AssessmentDate="02/04/2026")),
    ("hmpps", notice("probation-case.merge.completed", sourceCRN="X000004", targetCRN=CRN)),
    (
        "hmpps",
        notice(
            "probation-case.unmerge.completed",
            "2026-04-01T10:00:00Z",
            unmergedCRN=CRN,
            reactivatedCRN="X000004",
        ),
    ),
    ("hmpps", notice("probation-case.sentence.moved", crn=None, **_MOVE)),
)


async def standing(order: list[int]) -> set[tuple[str, str, str, str]]:
    """The facts that stand once everything has come, in this order, and somebody has linked the sentence."""
    world = World(now=datetime(2026, 12, 1, tzinfo=UTC))
    for number in order:
        if number < len(MESSAGES):
            await world.take(*MESSAGES[number])
        elif number == len(MESSAGES):
            await world.known(CRN, ("pnc", PNC), place=Place("london", "Camden"))
        else:
            await world.link(f"link:{CRN}/event:1", SENTENCE)
    facts = world.store._effective.values()
    return {(*fact.id, fact.data) for fact in facts if fact.data is not None and fact.id.type[0].isupper()}


SENTENCE = "8db73afd-ab11-5a6f-9b07-c5857f9cecef"
_ALL = list(range(len(MESSAGES) + 2))


@given(order=st.permutations(_ALL))
async def test_any_order_of_arrival_leaves_the_same(order: list[int]) -> None:
    assert await standing(order) == await standing(_ALL)


async def test_what_stands_in_the_end_is_what_was_said_last() -> None:
    stands = await standing(_ALL)
    assert {(subject, type) for subject, type, *_ in stands} == {
        ("X000002", "SentenceImposed"),
        ("X000002", "SentenceVaried"),
        (CRN, "PersonUnmerged"),
        (CRN, "RiskAssessed"),
    }
    assert any(SENTENCE in data and "2027-06-01" in data for *_, data in stands)
