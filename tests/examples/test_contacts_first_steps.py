"""First appointment and sentence plan: worked examples of ALLOC-22 and CONT-25 and 26.

1 June 2026 is a Monday: five business days from it are over on the 8th, fifteen from the 3rd on the 24th.
"""

from typing import Any

import pytest

from tests.examples.case_facts import plan
from tests.examples.contacts_facts import left, taken
from tests.examples.facts import Fact, contact, died, order, prison_sentence, released, revoked, scheduled
from tests.examples.play import Example


def first(name: str, facts: list[Fact], until: str, due_on: str | None = None, **found: Any) -> Example:
    """Overdue since that day, or not."""
    stands = [{"sentence_id": "S1", "due_on": due_on} | found] if due_on else []
    return Example(name, facts, until, {"InitialAppointmentOverdue": stands})


def begun(day: str, outcome: str = "complied", name: str = "I1", **options: Any) -> Fact:
    return contact(name, day, outcome, kind="initial", **options)


def offered(day: str, name: str = "I1", **options: Any) -> Fact:
    return scheduled(name, day, kind="initial", **options)


def on_licence(*facts: Fact) -> list[Fact]:
    """Released on Friday 5 June 2026."""
    return [prison_sentence("2025-01-06"), released("2026-06-05", "2027-12-04"), *facts]


ORDER = order("2026-06-01")

APPOINTMENTS = [
    first("nothing is overdue on the fifth business day", [ORDER], "2026-06-08"),
    first("the day after it is", [ORDER], "2026-06-09", "2026-06-08"),
    first("sentenced on Christmas Eve: due on 5 January", [order("2026-12-24")], "2027-01-06", "2027-01-05"),
    first("on 5 January itself it is not", [order("2026-12-24")], "2027-01-05"),
    first(
        "a Saturday court before a bank holiday: due on Monday 1 June",
        [order("2026-05-23")],
        "2026-06-02",
        "2026-06-01",
    ),
    first("seen on the fifth day", [ORDER, begun("2026-06-08")], "2026-06-30"),
    first("seen on the day of the sentence", [ORDER, begun("2026-06-01")], "2026-06-30"),
    first("seen on the sixth day: late", [ORDER, begun("2026-06-09")], "2026-06-30", "2026-06-08"),
    first(
        "seen on the fifth day, which was told of a week later: it never was overdue",
        [ORDER, begun("2026-06-08", recorded="2026-06-15")],
        "2026-06-30",
    ),
    first(
        "offered for the fifth day and missed: it was offered",
        [ORDER, offered("2026-06-08", recorded="2026-06-02"), begun("2026-06-08", "unacceptable_absence")],
        "2026-06-30",
    ),
    first(
        "offered for the fifth day, and nobody has recorded what came of it",
        [ORDER, offered("2026-06-08", recorded="2026-06-02")],
        "2026-06-30",
    ),
    first(
        "offered for the sixth day: late",
        [ORDER, offered("2026-06-09", recorded="2026-06-02")],
        "2026-06-30",
        "2026-06-08",
    ),
    first(
        "arranged for the fifth day without a word to the person: not offered",
        [ORDER, offered("2026-06-08", recorded="2026-06-02", notified=False)],
        "2026-06-30",
        "2026-06-08",
    ),
    first(
        "the appointment of the fifth day was another person's",
        [ORDER, begun("2026-06-08"), begun("2026-06-08", recorded="2026-06-15", id="c", voided=True)],
        "2026-06-30",
        "2026-06-08",
    ),
    first(
        "the day of the appointment corrected to the sixth",
        [ORDER, begun("2026-06-08"), begun("2026-06-09", recorded="2026-06-15", id="c")],
        "2026-06-30",
        "2026-06-08",
    ),
    Example(
        "the date of sentence corrected to the 8th: it never was overdue",
        [ORDER, order("2026-06-08", recorded="2026-06-11", id="c")],
        "2026-06-15",
        {"InitialAppointmentOverdue": []},
        {"InitialAppointmentOverdue": ["corrected"]},
    ),
    first(
        "a sentence told of after the fifth day: overdue at once",
        [order("2026-06-01", recorded="2026-06-20")],
        "2026-06-20",
        "2026-06-08",
    ),
    first("released on a Friday: on Monday not overdue", on_licence(), "2026-06-08"),
    first("on Tuesday it is", on_licence(), "2026-06-09", "2026-06-08", sentence_id="L1"),
    first("seen on the day of release", on_licence(begun("2026-06-05", sentence_id="L1")), "2026-06-30"),
    first("seen on Monday", on_licence(begun("2026-06-08", sentence_id="L1")), "2026-06-30"),
    first(
        "seen on Tuesday: late",
        on_licence(begun("2026-06-09", sentence_id="L1")),
        "2026-06-30",
        "2026-06-08",
        sentence_id="L1",
    ),
    first(
        "released on Maundy Thursday: due on the Tuesday after Easter",
        [prison_sentence("2025-01-06"), released("2026-04-02", "2027-10-01")],
        "2026-04-08",
        "2026-04-07",
        sentence_id="L1",
    ),
    first("not before the release", [prison_sentence("2026-01-06")], "2026-06-30"),
    first("the person died on the day on which it was due", [ORDER, died("2026-06-08")], "2026-06-30"),
    first("revoked on that day", [ORDER, revoked("2026-06-08")], "2026-06-30"),
    first(
        "revoked a day after: it stays on record", [ORDER, revoked("2026-06-10")], "2026-06-30", "2026-06-08"
    ),
    first("in custody over the fifth day", [ORDER, taken("2026-06-03")], "2026-06-30"),
    first(
        "two sentences of one day: a contact that names none is the first of both",
        [ORDER, order("2026-06-01", sentence="S2"), begun("2026-06-03", sentence_id=None)],
        "2026-06-30",
    ),
    first(
        "one that names the first is none of the second",
        [ORDER, order("2026-06-01", sentence="S2"), begun("2026-06-03")],
        "2026-06-30",
        "2026-06-08",
        sentence_id="S2",
    ),
]

SEEN = begun("2026-06-03")


def planned(name: str, facts: list[Fact], until: str = "2026-07-31", due_on: str | None = None) -> Example:
    """A sentence plan overdue since that day, or not."""
    stands = [{"sentence_id": "S1", "due_on": due_on}] if due_on else []
    return Example(name, facts, until, {"SentencePlanOverdue": stands})


PLANS = [
    planned(
        "on the fifteenth business day after the first appointment: not overdue", [ORDER, SEEN], "2026-06-24"
    ),
    planned("the day after it is", [ORDER, SEEN], "2026-06-25", "2026-06-24"),
    planned(
        "over Christmas: first seen on 21 December, due on 14 January",
        [order("2026-12-14"), begun("2026-12-21")],
        "2027-01-15",
        "2027-01-14",
    ),
    planned("nobody has been seen: nothing is due", [ORDER]),
    planned("the first appointment was missed", [ORDER, begun("2026-06-03", "unacceptable_absence")]),
    planned(
        "the first one was missed, the next attended: from that one",
        [ORDER, begun("2026-06-03", "unacceptable_absence"), contact("C2", "2026-06-10")],
        "2026-07-02",
        "2026-07-01",
    ),
    planned("planned on the fifteenth day", [ORDER, SEEN, plan("2026-06-24")]),
    planned("planned on the sixteenth: late", [ORDER, SEEN, plan("2026-06-25")], due_on="2026-06-24"),
    Example(
        "planned on the fifteenth, which was told of a week later",
        [ORDER, SEEN, plan("2026-06-24", recorded="2026-07-01")],
        "2026-07-31",
        {"SentencePlanOverdue": []},
        {"SentencePlanOverdue": ["corrected"]},
    ),
    planned("planned before anybody was seen", [ORDER, plan("2026-06-02"), SEEN]),
    planned(
        "without the person's own assessment it is not complete",
        [ORDER, SEEN, plan("2026-06-17", self_assessment="missing")],
        due_on="2026-06-24",
    ),
    planned(
        "the person declined to assess: it is",
        [ORDER, SEEN, plan("2026-06-17", self_assessment="declined")],
    ),
    planned(
        "without it at first, with it on the fifteenth day",
        [ORDER, SEEN, plan("2026-06-17", self_assessment="missing"), plan("2026-06-24", "P2")],
    ),
    planned(
        "without it at first, corrected a week too late: it had been there in time",
        [
            ORDER,
            SEEN,
            plan("2026-06-17", self_assessment="missing"),
            plan("2026-06-17", recorded="2026-07-01", id="c"),
        ],
    ),
    planned(
        "with it at first, but that was an error",
        [
            ORDER,
            SEEN,
            plan("2026-06-17"),
            plan("2026-06-17", self_assessment="missing", recorded="2026-07-01", id="c"),
        ],
        due_on="2026-06-24",
    ),
    planned(
        "the plan was another person's",
        [ORDER, SEEN, plan("2026-06-17"), plan("2026-06-17", recorded="2026-07-01", id="c", voided=True)],
        due_on="2026-06-24",
    ),
    planned(
        "the plan of another sentence is none of this one",
        [ORDER, SEEN, plan("2026-06-17", sentence="S2")],
        due_on="2026-06-24",
    ),
    Example(
        "the first contact told of late was on 1 June: due on the 22nd",
        [ORDER, SEEN, begun("2026-06-01", name="I0", recorded="2026-06-23")],
        "2026-06-23",
        {"SentencePlanOverdue": [{"due_on": "2026-06-22"}]},
    ),
    Example(
        "the first appointment turns out to have been missed: due from the next",
        [
            ORDER,
            SEEN,
            contact("C2", "2026-06-10"),
            begun("2026-06-03", "unacceptable_absence", recorded="2026-06-26", id="c"),
        ],
        "2026-07-01",
        {"SentencePlanOverdue": []},
        {"SentencePlanOverdue": ["corrected"]},
    ),
    Example(
        "on a licence: from the first appointment after the release",
        on_licence(begun("2026-06-08", sentence_id="L1")),
        "2026-06-30",
        {"SentencePlanOverdue": [{"sentence_id": "L1", "due_on": "2026-06-29"}]},
    ),
    planned("the person died on the day on which it was due", [ORDER, SEEN, died("2026-06-24")]),
    planned("revoked on that day", [ORDER, SEEN, revoked("2026-06-24")]),
    planned(
        "revoked two days later: it stays on record",
        [ORDER, SEEN, revoked("2026-06-26")],
        due_on="2026-06-24",
    ),
    planned("in custody over the fifteenth day", [ORDER, SEEN, taken("2026-06-15")]),
    planned(
        "custody of a year ago does not matter",
        [taken("2025-03-03"), left("2025-05-05"), ORDER, SEEN],
        "2026-06-25",
        "2026-06-24",
    ),
]


@pytest.mark.parametrize("example", [*APPOINTMENTS, *PLANS], ids=lambda e: e.name)
def test_a_first_step(example: Example) -> None:
    example.check()
