"""Reset: worked examples of CONT-22 and 23.

Supervision from 1 July 2024 to 30 June 2025 is of 365 days. Two thirds of it are 243 1/3 days, over with the
244th: the last third begins 244 days after the first day, on 2 March 2025.
"""

from typing import Any

import pytest

from tests.examples.case_facts import registered
from tests.examples.contacts_facts import lifted
from tests.examples.facts import (
    Fact,
    contact,
    died,
    order,
    prison_sentence,
    rar,
    released,
    revoked,
    risk,
    session,
    varied,
    work,
)
from tests.examples.play import Example

RESET = {"sentence_id": "S1", "from": "2025-03-02", "ground": "reset", "approval": None}
MAPPA = {"level": 1, "category": 1}


def case(*facts: Fact, rosh: str = "medium", **assessed: Any) -> list[Fact]:
    """An order of 1 July 2024 with a RAR, on a person of that risk."""
    return [risk("2024-06-20", rosh=rosh, **assessed), order("2024-07-01", ends="2025-06-30"), *facts]


def licence(first: str, last: str, *facts: Fact, pss: str | None = None, **assessed: Any) -> list[Fact]:
    """A licence of those days, of a person of medium risk."""
    known = [risk("2023-01-10", **assessed), prison_sentence("2022-11-07")]
    return [*known, released(first, last, pss), *facts]


def reset(
    name: str, facts: list[Fact], until: str, *since: str, resumed: str | None = None, sentence: str = "S1"
) -> Example:
    """Suspended from those days on, and resumed or not."""
    return Example(
        name,
        facts,
        until,
        {
            "ContactSuspended": [RESET | {"sentence_id": sentence, "from": day} for day in since],
            "ContactResumed": [{"sentence_id": sentence, "from": resumed, "ground": "reset"}]
            if resumed
            else [],
        },
    )


BEGINS = [
    reset("on the last day of two thirds contact goes on", case(), "2025-03-01"),
    reset("on the first day of the last third it is suspended", case(), "2025-03-02", "2025-03-02"),
    reset(
        "180 days: two thirds are 120, without a fraction",
        [risk("2024-06-20"), order("2024-07-01", ends="2024-12-27")],
        "2024-11-30",
        "2024-10-29",
    ),
    reset(
        "185 days: 123 1/3, so that the 124th still belongs to them",
        [risk("2024-06-20"), order("2024-07-01", ends="2025-01-01")],
        "2024-11-30",
        "2024-11-02",
    ),
    Example(
        "the plan of the last third is a suspension, without frequency",
        case(),
        "2025-03-31",
        {
            "ContactPlanSet": [
                {"regime": "standard", "face_to_face_every_days": 7, "from": "2024-07-01"},
                {"regime": "standard", "face_to_face_every_days": 14, "from": "2024-07-29"},
                {"regime": "suspended", "face_to_face_every_days": None, "from": "2025-03-02"},
            ]
        },
    ),
    reset(
        "in the last third since March 2024: on 6 June contact still goes on",
        [risk("2023-06-20"), order("2023-07-01", ends="2024-06-30")],
        "2024-06-06",
    ),
    reset(
        "and is suspended on the 7th, the day on which Reset begins",
        [risk("2023-06-20"), order("2023-07-01", ends="2024-06-30")],
        "2024-06-07",
        "2024-06-07",
    ),
    reset(
        "an order whose last day is 6 June 2024 knows no Reset",
        [risk("2023-06-20"), order("2023-06-07", ends="2024-06-06")],
        "2024-06-30",
    ),
    reset(
        "in post-sentence supervision since February: suspended on 7 June 2024",
        licence("2023-08-01", "2024-01-31", pss="2024-07-31"),
        "2024-06-30",
        "2024-06-07",
        sentence="L1",
    ),
    reset(
        "under MAPPA post-sentence supervision goes on as before",
        licence("2023-08-01", "2024-01-31", pss="2024-07-31", mappa=MAPPA),
        "2024-06-30",
        sentence="L1",
    ),
    reset(
        "made longer by the court in January: two thirds of the longer term",
        case(varied("2025-01-15", "2025-09-30")),
        "2025-05-31",
        "2025-05-02",
    ),
    reset(
        "revoked on the day before the last third",
        case(revoked("2025-03-01")),
        "2025-03-31",
    ),
    reset("dead before it", case(died("2025-02-10")), "2025-03-31"),
    reset(
        "unpaid work alone has no appointments that could cease",
        [risk("2024-06-20"), order("2024-07-01", work(), ends="2025-06-30")],
        "2025-03-31",
    ),
    Example(
        "whoever is in Reset is still liable for unpaid work",
        [
            risk("2024-06-20"),
            order("2024-07-01", rar(), work(), ends="2025-06-30"),
            session("U1", "2025-04-07", "UPW", "unacceptable_absence", minutes=0),
        ],
        "2025-04-30",
        {"ContactMissed": [{"contact_id": "U1", "requirement_id": "UPW"}], "ContactSuspended": [RESET]},
    ),
    reset(
        "a second sentence that is not so far: contact goes on for both",
        case(order("2024-09-02", ends="2025-09-01", sentence="S2")),
        "2025-04-30",
    ),
    Example(
        "and is suspended for both when it is",
        case(order("2024-09-02", ends="2025-09-01", sentence="S2")),
        "2025-05-31",
        {
            "ContactSuspended": [
                {"sentence_id": "S1", "from": "2025-05-04", "ground": "reset"},
                {"sentence_id": "S2", "from": "2025-05-04", "ground": "reset"},
            ]
        },
    ),
]

EXEMPT = [
    *[
        reset(f"not for {words}", case(**assessed), "2025-03-31")
        for words, assessed in (
            ("MAPPA level 1, category 3", {"mappa": {"level": 1, "category": 3}}),
            ("MAPPA level 3, category 1", {"mappa": {"level": 3, "category": 1}}),
            ("a very high risk", {"rosh": "very_high"}),
        )
    ],
    *[
        reset(f"not under {words}", case(registered("2024-08-05", kind)), "2025-03-31")
        for words, kind in (
            ("a registration for MAPPA", "mappa"),
            ("child protection", "child_protection"),
            ("an intensive supervision court", "intensive_supervision_court"),
            ("the National Security Division", "national_security_division"),
        )
    ],
    reset("but for a high risk", case(rosh="high"), "2025-03-31", "2025-03-02"),
    reset(
        "and for domestic abuse",
        case(registered("2024-08-05")),
        "2025-03-31",
        "2025-03-02",
    ),
    reset("and for stalking", case(registered("2024-08-05", "stalking")), "2025-03-31", "2025-03-02"),
    reset(
        "and where child protection was lifted the day before",
        case(registered("2024-08-05", "child_protection"), lifted("2025-03-01", "child_protection")),
        "2025-03-31",
        "2025-03-02",
    ),
    reset(
        "child protection is lifted in the last third: suspended from that day",
        case(registered("2024-08-05", "child_protection"), lifted("2025-04-01", "child_protection")),
        "2025-04-30",
        "2025-04-01",
    ),
]

PROTECTED = registered("2025-04-14", "child_protection")

RESUMES = [
    reset(
        "a registration for child protection arrives: resumed that day",
        case(PROTECTED),
        "2025-04-14",
        "2025-03-02",
        resumed="2025-04-14",
    ),
    reset(
        "one told of three weeks late",
        case(registered("2025-04-14", "child_protection", recorded="2025-05-05")),
        "2025-05-05",
        "2025-03-02",
        resumed="2025-04-14",
    ),
    reset(
        "one that takes effect tomorrow: not yet",
        case(registered("2025-04-14", "child_protection", recorded="2025-04-13")),
        "2025-04-13",
        "2025-03-02",
    ),
    reset(
        "risk rises to very high: resumed that day",
        case(risk("2025-04-14", "A2", rosh="very_high")),
        "2025-04-14",
        "2025-03-02",
        resumed="2025-04-14",
    ),
    reset(
        "the registration is lifted four weeks later: suspended again",
        case(PROTECTED, lifted("2025-05-12", "child_protection")),
        "2025-05-31",
        "2025-03-02",
        "2025-05-12",
        resumed="2025-04-14",
    ),
    reset(
        "domestic abuse is registered: it stays suspended",
        case(registered("2025-04-14")),
        "2025-04-30",
        "2025-03-02",
    ),
    reset("supervision runs out: nothing is resumed", case(), "2025-07-31", "2025-03-02"),
    reset("nor after a death", case(died("2025-04-01"), PROTECTED), "2025-04-30", "2025-03-02"),
    Example(
        "the registration was another person's: it never was resumed",
        case(
            PROTECTED,
            registered("2025-04-14", "child_protection", recorded="2025-04-22", id="c", voided=True),
        ),
        "2025-04-30",
        {"ContactSuspended": [RESET], "ContactResumed": []},
        {"ContactResumed": ["corrected"]},
    ),
    Example(
        "resumed, the fortnight of medium risk holds again, and the months count",
        case(
            *[contact(f"C{m}", f"2024-{m:02}-01") for m in range(7, 13)],
            *[contact(f"C{m}", f"2025-{m:02}-01") for m in range(1, 4)],
            PROTECTED,
            contact("C4", "2025-04-22"),
        ),
        "2025-07-01",
        {
            "ContactPlanSet": [
                {"face_to_face_every_days": 7},
                {"regime": "standard", "face_to_face_every_days": 14, "from": "2024-07-29"},
                {"regime": "suspended", "from": "2025-03-02"},
                {"regime": "standard", "face_to_face_every_days": 14, "from": "2025-04-14"},
            ],
            "ContactStandardMissed": [{"period_start": "2025-05-01"}, {"period_start": "2025-06-01"}],
        },
    ),
    Example(
        "while it is suspended no month is missed",
        case(
            *[contact(f"C{m}", f"2024-{m:02}-01") for m in range(7, 13)],
            *[contact(f"C{m}", f"2025-{m:02}-01") for m in range(1, 4)],
        ),
        "2025-07-31",
        {"ContactStandardMissed": []},
    ),
]


@pytest.mark.parametrize("example", [*BEGINS, *EXEMPT, *RESUMES], ids=lambda e: e.name)
def test_reset(example: Example) -> None:
    example.check()
