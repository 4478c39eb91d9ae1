"""Tiers from risk assessments: worked examples of ALLOC-9 and 10."""

import pytest

from tests.examples.facts import (
    order,
    prison_sentence,
    rar,
    released,
    requirement,
    risk,
    work,
)
from tests.examples.play import Example

NEEDS = [
    {"need": "thinking_behaviour", "severity": "severe"},
    {"need": "drugs", "severity": "severe"},
    {"need": "accommodation", "severity": "standard"},
]


def tier(
    name: str, expected: str, protect: int, change: int, *requirements: object, **assessed: object
) -> Example:
    facts = [order("2026-06-01", *requirements), risk("2026-06-02", **assessed)]  # type: ignore[arg-type]
    found = {"tier": expected, "protect_points": protect, "change_points": change}
    return Example(name, facts, "2026-06-02", {"TierCalculated": [found]})


def plain(**assessed: object) -> dict[str, object]:
    """An assessment that says nothing but what is given."""
    return {"rosh": "low", "rsr": 0.0, "ogrs": 0, "needs": []} | assessed


TIERS = [
    tier(
        "E9: B2",
        "B2",
        29,
        15,
        rsr=7.5,
        rosh="high",
        mappa={"level": 1, "category": 1},
        complexity_flags=2,
        needs=NEEDS,
        ogrs=62,
        integrated_offender_management=True,
    ),
    tier("RSR of 7 gives twenty points", "B1", 20, 0, **plain(rsr=7.0)),
    tier("RSR of 6.99 gives ten", "C1", 10, 0, **plain(rsr=6.99)),
    tier("RSR of 3 gives ten", "C1", 10, 0, **plain(rsr=3.0)),
    tier("RSR of 2.99 gives none", "D1", 0, 0, **plain(rsr=2.99)),
    tier("very high risk of harm alone is an A", "A1", 150, 0, **plain(rosh="very_high")),
    tier("MAPPA level 2 alone is an A", "A1", 150, 0, **plain(mappa={"level": 2, "category": 1})),
    tier(
        "MAPPA level 1 and two flags are nine points: D",
        "D1",
        9,
        0,
        **plain(mappa={"level": 1, "category": 1}, complexity_flags=2),
    ),
    tier("medium risk is a C with nothing else", "C1", 10, 0, **plain(rosh="medium")),
    tier(
        "nineteen points are a C",
        "C1",
        19,
        0,
        **plain(rosh="medium", mappa={"level": 1, "category": 2}, complexity_flags=2),
    ),
    tier("the lesser of RSR and RoSH does not count", "B1", 20, 0, **plain(rosh="high", rsr=4.0)),
    tier("OGRS of 100 gives ten change points: 2", "D2", 0, 10, **plain(ogrs=100)),
    tier("OGRS of 99 gives nine: 1", "D1", 0, 9, **plain(ogrs=99)),
    tier(
        "twenty change points are a 3",
        "D3",
        0,
        20,
        **plain(
            ogrs=100,
            needs=[
                {"need": "attitudes", "severity": "severe"},
                {"need": "thinking_behaviour", "severity": "severe"},
                {"need": "drugs", "severity": "severe"},
            ],
        ),
    ),
    tier(
        "nineteen are a 2",
        "D2",
        0,
        19,
        **plain(
            ogrs=100,
            needs=[
                {"need": "attitudes", "severity": "severe"},
                {"need": "thinking_behaviour", "severity": "severe"},
                {"need": "drugs", "severity": "standard"},
            ],
        ),
    ),
    tier(
        "finance and wellbeing weigh nothing",
        "D1",
        0,
        0,
        **plain(
            needs=[
                {"need": "finance", "severity": "severe"},
                {"need": "emotional_wellbeing", "severity": "severe"},
            ]
        ),
    ),
]

MANDATES = [
    Example(
        "unpaid work alone gives no mandate: change 0",
        [order("2026-06-01", work()), risk("2026-06-02", ogrs=90)],
        "2026-06-02",
        {"TierCalculated": [{"tier": "C0"}]},
    ),
    Example(
        "unpaid work and a curfew give none either",
        [order("2026-06-01", work(), requirement("curfew")), risk("2026-06-02", ogrs=90)],
        "2026-06-02",
        {"TierCalculated": [{"tier": "C0"}]},
    ),
    Example(
        "a RAR beside the unpaid work gives one",
        [order("2026-06-01", work(), rar()), risk("2026-06-02", ogrs=90)],
        "2026-06-02",
        {"TierCalculated": [{"tier": "C2"}]},
    ),
    Example(
        "a licence gives one",
        [prison_sentence("2026-01-05"), released("2026-06-01", "2026-12-01"), risk("2026-06-02", ogrs=90)],
        "2026-06-02",
        {"TierCalculated": [{"tier": "C2"}]},
    ),
    Example(
        "each assessment has its tier",
        [order("2026-06-01"), risk("2026-06-02"), risk("2026-07-02", "A2", rosh="high")],
        "2026-07-02",
        {"TierCalculated": [{"tier": "C2"}, {"tier": "B2"}]},
    ),
    Example(
        "a corrected assessment has a corrected tier",
        [
            order("2026-06-01"),
            risk("2026-06-02"),
            risk("2026-06-02", rosh="high", recorded="2026-06-04", id="corrected"),
        ],
        "2026-06-04",
        {"TierCalculated": [{"tier": "B2"}]},
        {"TierCalculated": ["superseded"]},
    ),
]


@pytest.mark.parametrize("example", [*TIERS, *MANDATES], ids=lambda e: e.name)
def test_a_tier(example: Example) -> None:
    example.check()
