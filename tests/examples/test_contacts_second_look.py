"""Contact standards, a second look: combinations whose outcome was worked out from the catalogue alone."""

from typing import Any

import pytest

from tests.examples.case_facts import decision, plan, registered, suspension_requested
from tests.examples.contacts_facts import allocated, left, lifted, taken
from tests.examples.facts import (
    Fact,
    contact,
    died,
    order,
    prison_sentence,
    released,
    requirement,
    risk,
    scheduled,
    session,
    varied,
)
from tests.examples.play import Example

JUNE = order("2026-06-01")
SHORT = order("2026-06-01", ends="2026-07-31")
UNACCEPTABLE, ACCEPTABLE, AWAITED = "unacceptable_absence", "acceptable_absence", "failed_to_attend"
VOID: dict[str, Any] = {"voided": True, "id": "void"}


def months(name: str, facts: list[Fact], until: str, *missed: str, **data: Any) -> Example:
    """The periods missed, by their first days; by first and last if they are written first/last."""
    found = [dict(zip(("period_start", "period_end"), m.split("/"), strict=False)) | data for m in missed]
    return Example(name, facts, until, {"ContactStandardMissed": found})


def june(name: str, missed: bool, *facts: Fact, **data: Any) -> Example:
    """Whether the month of June is missed, and how."""
    return months(name, [JUNE, *facts], "2026-07-10", *(["2026-06-01"] if missed else []), **data)


def video(name: str, modes: str, share: tuple[int, int] | None, *more: Fact) -> Example:
    """Contacts of June attended by video, telephone, online and face to face: whether there is an alert."""
    by = {"v": "video", "t": "telephone", "o": "online", "f": "face_to_face"}
    seen = [contact(f"C{n}", f"2026-06-{n + 5:02}", mode=by[mode]) for n, mode in enumerate(modes)]
    alerts = [{"video": share[0], "total": share[1]}] if share else []
    return Example(name, [JUNE, *seen, *more], "2026-07-20", {"VideoShareExceeded": alerts})


def outcome(name: str, facts: list[Fact], until: str, *told: str) -> Example:
    """What is told of contacts, as type/contact."""
    types = ("ContactMissed", "ContactExcused", "AbsenceUndecided", "OutcomeOverdue")
    pairs = [item.split("/") for item in told]
    return Example(name, facts, until, {t: [{"contact_id": c} for of, c in pairs if of == t] for t in types})


def rests(name: str, facts: list[Fact], suspended: str = "", resumed: str = "") -> Example:
    """From which days contact is suspended, and from which resumed, by 1 March 2027."""
    days = {"ContactSuspended": suspended.split(), "ContactResumed": resumed.split()}
    return Example(name, facts, "2027-03-01", {t: [{"from": day} for day in of] for t, of in days.items()})


def due(name: str, type: str, facts: list[Fact], until: str, *days: str) -> Example:
    """What is due or overdue, by its day."""
    return Example(name, facts, until, {type: [{"due_on": day} for day in days]})


def tenth(outcome: str = "complied", recorded: str = "2026-06-10", **options: Any) -> Fact:
    """The contact of 10 June, as recorded on a day."""
    options = {"id": f"tenth-{recorded}", "recorded": recorded} | options
    return contact("C1", "2026-06-10", outcome, **options)


RECALLED = [
    *(prison_sentence("2026-01-05"), released("2026-06-01", "2027-05-31")),
    *(taken("2026-08-10", "recall", sentence="L1"), left("2026-10-20"), released("2026-10-20", "2027-05-31")),
]
LEAP_YEAR = ["2028-02-29", *(f"2028-{month:02}-29" for month in range(3, 13)), "2029-01-29"]
TWICE = [JUNE, varied("2026-08-10", "2026-09-30"), varied("2026-09-20", "2026-11-15")]
RETOLD = varied("2026-06-20", "2026-08-31", id="again", recorded="2026-06-20T15:00")
THREE = ["2026-06-01", "2026-07-01", "2026-08-01"]
FOR_ALL = contact("C1", "2026-07-05", sentence_id=None)
STANDARDS = [
    months(
        "a year from 29 February has 12 periods and a day that is not tested",
        [order("2028-02-29", ends="2029-02-28")],
        "2029-04-01",
        *LEAP_YEAR,
    ),
    months(
        "a contact on the clamped first day counts for the period that begins",
        [order("2027-01-30", ends="2028-01-29"), contact("C1", "2027-02-28")],
        "2027-04-30",
        *("2027-01-30/2027-02-27", "2027-03-30/2027-04-29"),
    ),
    months("a day shorter, it has not", [order("2027-01-30", ends="2027-02-26")], "2027-04-01"),
    months("shortened and then extended", TWICE, "2027-01-01", *THREE, "2026-09-01", "2026-10-01"),
    months("extended on its last day", [SHORT, varied("2026-07-31", "2026-08-31")], "2026-10-01", *THREE),
    months(
        "extended the day after it", [SHORT, varied("2026-08-01", "2026-08-31")], "2026-10-01", *THREE[:2]
    ),
    months(
        "of two variations of one day the later word holds",
        [JUNE, varied("2026-06-20", "2026-07-31"), RETOLD],
        "2026-10-01",
        *THREE,
    ),
    months(
        "one contact is in the second month of one sentence and in the first of the other",
        [order("2026-06-05"), order("2026-06-20", sentence="S2"), FOR_ALL],
        "2026-08-04",
        "2026-06-05",
    ),
    months(
        "recalled and released again: the broken period is not tested, a new one starts with the release",
        RECALLED,
        "2026-11-20",
        *(*THREE, "2026-09-01", "2026-10-20/2026-11-19"),
    ),
    months(
        "left custody on the first of July: July is not excused",
        [JUNE, contact("C1", "2026-06-03"), taken("2026-06-30"), left("2026-07-01")],
        "2026-08-01",
        "2026-07-01",
        excused=False,
    ),
    june("an excused call excuses no month", True, tenth(ACCEPTABLE, mode="telephone"), excused=False),
    june(
        "moved, and never made again: nothing was excused",
        True,
        tenth("rescheduled_by_person"),
        excused=False,
    ),
    june("attended, as was recorded the day before: it was not", True, tenth(recorded="2026-06-09")),
    june(
        "the mode corrected to face to face, and back",
        True,
        *(
            tenth(mode="telephone"),
            tenth(recorded="2026-07-05"),
            tenth(recorded="2026-07-07", mode="telephone"),
        ),
    ),
    june(
        "the contact was for this sentence, a correction says",
        False,
        tenth(sentence_id="S9"),
        tenth(recorded="2026-07-05"),
    ),
    june("the day of death corrected", True, died("2026-06-20"), died("2026-07-05", id="2")),
]
CALL: dict[str, Any] = {"mode": "telephone"}
NO_STANDARD = contact("X", "2026-06-20", national_standard=False, **CALL)
SHARES = [
    video("three by video, two face to face and a call are half", "vvvfft", None),
    video("three by video of five are too many", "vvvff", (3, 5)),
    video("four by video of seven are too many", "vvvvfff", (4, 7)),
    video("one by video and one call are half", "vt", None),
    video("an online check-in is none of the contacts", "vo", (1, 1)),
    video("nor is a call that is not of the standard", "vvf", (2, 3), NO_STANDARD),
    video("nor is an excused call", "vvf", (2, 3), contact("X", "2026-06-20", ACCEPTABLE, **CALL)),
    video("nor is a provider's session", "vvf", (2, 3), session("X", "2026-06-20")),
    video("a late call makes half", "vvf", None, contact("X", "2026-06-20", recorded="2026-07-10", **CALL)),
]
BY_BOTH = contact("C1", "2026-06-10", ACCEPTABLE, kind="session", requirement_id="RAR")
PROVIDER = session("C1", "2026-06-10", outcome=UNACCEPTABLE, recorded="2026-06-11")
NOT_NS = tenth(UNACCEPTABLE, "2026-06-12", national_standard=False)
STAY = [taken("2026-06-10"), left("2026-06-12")]
AROUND = [contact(f"C{day}", f"2026-06-{day}", UNACCEPTABLE) for day in ("09", "10", "11", "12")]
PLANNED = scheduled("C1", "2026-06-10", recorded="2026-06-02")
JULY = scheduled("C1", "2026-07-20", id="july", recorded="2026-06-08")
BACK = scheduled("C1", "2026-06-25", id="back", recorded="2026-06-18")
AUGUST = contact("C1", "2026-08-03", UNACCEPTABLE)
LONGER = varied("2026-07-25", "2026-09-30", recorded="2026-08-05")
PSS = [prison_sentence("2025-07-05"), released("2025-11-03", "2026-02-28", "2026-10-31")]
REPEAL = [contact(f"C{day}", f"2026-05-{day}", UNACCEPTABLE, sentence_id="L1") for day in (10, 11)]
OUTCOMES = [
    outcome(
        "acceptable, then not, then acceptable again",
        [JUNE, tenth(ACCEPTABLE), tenth(UNACCEPTABLE, "2026-06-12"), tenth(ACCEPTABLE, "2026-06-15")],
        "2026-06-20",
        "ContactExcused/C1",
    ),
    outcome(
        "excused, and then the reason is awaited again",
        [JUNE, tenth(AWAITED), tenth(ACCEPTABLE, "2026-06-12"), tenth(AWAITED, "2026-06-15")],
        "2026-06-20",
        "AbsenceUndecided/C1",
    ),
    outcome(
        "around a stay in custody: nothing on its first day, a failure on the day of leaving",
        [JUNE, *STAY, *AROUND],
        "2026-06-12",
        *("ContactMissed/C09", "ContactMissed/C12"),
    ),
    outcome(
        "a failure after the end, and then an extension is heard of",
        [SHORT, AUGUST, LONGER],
        "2026-08-05",
        "ContactMissed/C1",
    ),
    outcome(
        "it was not of the standard, a correction says",
        [JUNE, tenth(UNACCEPTABLE), NOT_NS],
        "2026-07-01",
    ),
    outcome("the practitioner's word holds", [JUNE, BY_BOTH, PROVIDER], "2026-06-12", "ContactExcused/C1"),
    outcome(
        "the practitioner's word never was: the provider's holds",
        [JUNE, BY_BOTH, PROVIDER, tenth(recorded="2026-06-13", **VOID)],
        "2026-06-14",
        "ContactMissed/C1",
    ),
    outcome("moved to July and back: not yet overdue", [JUNE, PLANNED, JULY, BACK], "2026-06-25"),
    outcome(
        "overdue after the last day only", [JUNE, PLANNED, JULY, BACK], "2026-06-26", "OutcomeOverdue/C1"
    ),
    outcome(
        "failures of post-sentence supervision end with the eve of its repeal",
        [*PSS, *REPEAL],
        "2026-05-12",
        "ContactMissed/C10",
    ),
]
LIKELY = [JUNE, risk("2026-06-01")]
THIRD, TENTH, LATER = "2027-01-31", "2027-02-10", "2027-02-20"
EXEMPT, EXEMPT_TOO = registered("2026-12-01", "mappa"), registered("2026-12-05", "child_protection", "G2")
LIFTED, LIFTED_TOO = lifted(TENTH, "mappa"), lifted(LATER, "child_protection", "G2")
SET_AGAIN = registered(TENTH, "mappa", id="again", recorded=f"{TENTH}T15:00")
VERY_HIGH = risk("2026-06-01", rosh="very_high")
CURFEW = varied(TENTH, "2027-05-31", requirement("curfew"))
QUARTER = [order("2026-12-01", ends="2027-03-01"), risk("2026-12-01")]
RESTING = [
    rests("of 91 days the last third begins with the 62nd", QUARTER, THIRD),
    rests("exempt from the very day", [*LIKELY, registered(THIRD, "child_protection")]),
    rests("exempt to the eve of the last third", [*LIKELY, EXEMPT, lifted("2027-01-30", "mappa")], THIRD),
    rests("two exemptions, lifted in turn", [*LIKELY, EXEMPT, EXEMPT_TOO, LIFTED, LIFTED_TOO], LATER),
    rests("lifted and set again on one day", [*LIKELY, EXEMPT, LIFTED, SET_AGAIN]),
    rests("very high falls to high", [JUNE, VERY_HIGH, risk(TENTH, "A2", rosh="high")], TENTH),
    rests("high on the first day is no rise", [*LIKELY, risk(THIRD, "A2", rosh="high")], THIRD),
    rests(
        "risk falls and comes back to its level",
        [*LIKELY, risk(TENTH, "A2", rosh="low"), risk(LATER, "A3")],
        THIRD,
    ),
    rests("extended in the last third", [*LIKELY, varied(TENTH, "2027-11-30")], THIRD, TENTH),
    rests(
        "shortened so that its last third has come",
        [*LIKELY, varied("2026-12-10", "2027-03-01")],
        "2026-12-10",
    ),
    rests("no rehabilitation activity any more", [*LIKELY, CURFEW], THIRD, TENTH),
    rests(
        "exempted in custody: resumed on the day of leaving",
        [*LIKELY, taken(TENTH), registered("2027-02-15", "mappa"), left(LATER)],
        f"{THIRD} {TENTH}",
        LATER,
    ),
]
ASKED = suspension_requested("2024-01-05")
LOW: dict[str, Any] = {"rosh": "low", "needs": []}
IN_PSS = [prison_sentence("2023-01-05"), risk("2023-05-30", **LOW)]
IN_PSS += [released("2023-06-01", "2023-11-30", "2024-05-31")]
AGREED, REFUSED = decision("2024-01-08"), decision("2024-03-28", name="M2", approved=False)
RESTING += [
    rests("refused on Maundy Thursday", [*IN_PSS, ASKED, AGREED, REFUSED], "2024-01-08", "2024-04-02"),
    rests("agreed before it was asked", [*IN_PSS, decision("2024-01-03"), ASKED]),
]
FLAGGED = [*allocated("2026-04-02", "2026-04-01", rosh="low"), registered("2026-05-04"), lifted("2026-05-15")]
OTHER = registered("2026-05-15", name="G2")
SAME = registered("2026-05-15", id="again", recorded="2026-05-15T15:00")
CHRISTMAS = [order("2026-12-17"), contact("C1", "2026-12-21", kind="initial")]
PARTIAL = plan("2027-01-05", self_assessment="missing")
WHOLE = plan("2027-01-05", id="whole", recorded="2027-01-20")
PLAN, VISIT, FIRST = "SentencePlanOverdue", "HomeVisitRequired", "InitialAppointmentOverdue"
EVE = [prison_sentence("2026-06-01"), released("2026-12-24", "2027-06-23")]
DEADLINES = [
    due("sentenced before the funeral", FIRST, [order("2022-09-15")], "2022-09-24", "2022-09-23"),
    due("released on Christmas Eve", FIRST, EVE, "2026-12-30", "2026-12-29"),
    due("no self-assessment over Christmas", PLAN, [*CHRISTMAS, PARTIAL], "2027-01-15", "2027-01-14"),
    due("it was there, as a correction says", PLAN, [*CHRISTMAS, PARTIAL, WHOLE], "2027-01-20"),
    due("lifted and another set on one day", VISIT, [*FLAGGED, OTHER], "2026-05-20", "2026-06-15"),
    due("lifted and the same set again on one day", VISIT, [*FLAGGED, SAME], "2026-05-20", "2026-06-02"),
    due(
        "in Reset a visit is due as ever",
        VISIT,
        [*allocated(), registered("2027-02-08")],
        TENTH,
        "2027-03-08",
    ),
]


ALL = [*STANDARDS, *SHARES, *OUTCOMES, *RESTING, *DEADLINES]


@pytest.mark.parametrize("example", ALL, ids=lambda e: e.name)
def test_a_second_look(example: Example) -> None:
    example.check()
