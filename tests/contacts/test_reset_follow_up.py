"""The one follow-up midway through the last third of a licence (CONT-22)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests import facts as f
from tests.contacts.said import assessed, changed
from tests.contacts.suspensions import ASSESSED, LICENCE, YEAR, follow_ups, suspensions
from tests.table import table


@table(
    """
    | case                                        | expected                     | facts |
    | 120 days after the first of 121: the middle | ["2026-11-01"]               | LICENCE |
    | 30 days: the fifteenth                      | ["2026-03-16"]               | 2023-01-01 custodial; 2026-01-01 released ends=2026-03-31 |
    | a last third of one day                     | ["2026-01-03"]               | 2023-01-01 custodial; 2026-01-01 released ends=2026-01-03 |
    | of the licence, not of what follows         | ["2025-03-16"]               | 2024-10-01 custodial; 2025-01-01 released ends=2025-03-31 pss=2025-12-31 |
    | none in post-sentence supervision           | [None]                       | 2024-10-01 custodial; 2025-01-01 released ends=2024-12-31 pss=2025-12-31 |
    | Reset came when the middle was ahead        | ["2024-07-18"]               | 2023-01-01 custodial; 2024-01-01 released ends=2024-08-27 |
    | Reset came when the middle was past         | [None]                       | 2023-01-01 custodial; 2023-07-01 released ends=2024-06-30 |
    | suspended again on the very day             | ["2026-11-01", "2026-11-01"] | LICENCE; 2026-09-20 registered mappa; 2026-11-01 lifted mappa |
    | suspended again a day later: none           | ["2026-11-01", None]         | LICENCE; 2026-09-20 registered mappa; 2026-11-02 lifted mappa |
    | assessed since                              | ["2026-11-01"]               | LICENCE; 2026-11-20 risk low |
    """,  # noqa: E501
    LICENCE=LICENCE,
)
def test_one_follow_up_in_the_middle_of_the_last_third(facts: Any, expected: Any) -> None:
    begun = assessed("2030-01-01", *facts, ASSESSED).open("ContactSuspended").values()
    assert [str(e.follow_up_on) if e.follow_up_on else None for e in begun] == expected


FOLLOW_UP = ("S1/2026-09-02", "2026-11-01")


@table(
    """
    | case                                               | on         | expected                                      | facts |
    | not yet suspended                                  | 2026-09-01 | []                                            | |
    | raised on the first day                            | 2026-09-02 | [("S1/2026-09-02", "2026-11-01", None)]       | |
    | open to the last day                               | 2026-12-31 | [("S1/2026-09-02", "2026-11-01", None)]       | |
    | ended with supervision                             | 2027-01-01 | [("S1/2026-09-02", "2026-11-01", "ended")]    | |
    | seen in the middle                                 | 2026-11-01 | [("S1/2026-09-02", "2026-11-01", "resolved")] | 2026-11-01 contact |
    | to be seen tomorrow                                | 2026-11-01 | [("S1/2026-09-02", "2026-11-01", None)]       | 2026-11-02 contact |
    | seen on the first day                              | 2026-09-02 | [("S1/2026-09-02", "2026-11-01", "resolved")] | 2026-09-02 contact |
    | seen the day before                                | 2026-12-01 | [("S1/2026-09-02", "2026-11-01", None)]       | 2026-09-01 contact |
    | seen on the eve and again in the same month        | 2026-12-01 | [("S1/2026-09-02", "2026-11-01", "resolved")] | 2026-09-01, 2026-09-20 contact |
    | seen late                                          | 2027-02-01 | [("S1/2026-09-02", "2026-11-01", "resolved")] | 2026-12-30 contact |
    | missed                                             | 2026-12-01 | [("S1/2026-09-02", "2026-11-01", None)]       | 2026-11-01 contact unacceptable absence |
    | seen for no sentence in particular                 | 2026-12-01 | [("S1/2026-09-02", "2026-11-01", "resolved")] | 2026-11-01 contact sentence=null |
    | for another one                                    | 2026-12-01 | [("S1/2026-09-02", "2026-11-01", None)]       | 2026-11-01 contact sentence=S9 |
    | at a provider's                                    | 2026-12-01 | [("S1/2026-09-02", "2026-11-01", None)]       | 2026-11-01 work |
    | no longer needed: contact again                    | 2026-10-01 | [("S1/2026-09-02", "2026-11-01", "resolved")] | 2026-10-01 registered mappa |
    | taken into custody                                 | 2026-10-01 | [("S1/2026-09-02", "2026-11-01", "resolved")] | 2026-10-01 taken |
    | planned anew after custody                         | 2026-10-11 | [("S1/2026-09-02", "2026-11-01", "resolved"), | 2026-10-01 taken; 2026-10-11 left |
    |                                                    |            | ("S1/2026-10-11", "2026-11-01", None)]        | |
    | released again after a recall: one of that licence | 2026-12-12 | [("S1/2026-09-02", "2026-11-01", "resolved"), | 2026-10-01 taken recall; 2026-11-01 released ends=2026-12-31 |
    |                                                    |            | ("S1/2026-12-12", "2026-12-21", None)]        | |
    | revoked                                            | 2026-10-01 | [("S1/2026-09-02", "2026-11-01", "ended")]    | 2026-10-01 revoked |
    | died                                               | 2027-06-01 | [("S1/2026-09-02", "2026-11-01", "ended")]    | 2026-10-01 died |
    | seen in the month of the revocation                | 2026-10-20 | [("S1/2026-09-02", "2026-11-01", "resolved")] | 2026-10-20 revoked; 2026-10-05 contact |
    """,  # noqa: E501
)
def test_the_follow_up_is_waited_for(facts: Any, on: str, expected: Any) -> None:
    assert follow_ups(assessed(on, *LICENCE, *facts, ASSESSED)) == expected


def test_no_follow_up_is_waited_for_in_post_sentence_supervision() -> None:
    facts = [f.custodial("2024-10-01"), f.released("2025-01-01", "2025-03-31", "2025-12-31")]
    assert follow_ups(assessed("2025-03-31", *facts, ASSESSED)) == [("S1/2025-03-02", "2025-03-16", None)]
    assert follow_ups(assessed("2025-04-01", *facts, ASSESSED)) == [
        ("S1/2025-03-02", "2025-03-16", "resolved")
    ]


def test_an_order_has_no_follow_up() -> None:
    for on in ("2026-09-02", "2026-11-01", "2026-12-31"):
        heard = assessed(on, YEAR, f.contact("2026-11-01"), ASSESSED)
        assert [finding.event.follow_up_on for finding in heard.findings("ContactSuspended")] == [None]
        assert follow_ups(heard) == []


def test_an_order_beside_a_licence_has_none_and_the_licence_keeps_its_own() -> None:
    heard = assessed("2026-10-01", *LICENCE, f.order("2026-01-01", "2026-12-31", id="S2"), ASSESSED)
    assert [(f.key, f.event.follow_up_on is None) for f in heard.findings("ContactSuspended")] == [
        ("S1/2026-09-02", False),
        ("S2/2026-09-02", True),
    ]
    assert follow_ups(heard) == [(*FOLLOW_UP, None)]


def test_a_policy_without_follow_ups(tmp_path: Path) -> None:
    heard = assessed("2026-10-01", *LICENCE, ASSESSED, policy=changed(tmp_path, reset_follow_up_stages="[]"))
    assert (suspensions(heard), follow_ups(heard)) == ([("S1/2026-09-02", "reset")], [])


@table(
    """
    | case                      | fact                              | on         | due        |
    | varied, with the same end | 2026-10-10 varied ends=2026-12-31 | 2026-11-20 | 2026-11-01 |
    | not yet extended          | 2026-10-20 varied ends=2027-01-19 | 2026-10-19 | 2026-11-01 |
    | extended: later           | 2026-10-20 varied ends=2027-01-19 | 2026-10-20 | 2026-11-16 |
    | past: at once             | 2026-10-20 varied ends=2026-11-30 | 2026-10-20 | 2026-10-20 |
    """,
)
def test_under_a_policy_with_follow_ups_for_orders_a_variation_moves_them(
    fact: f.Fact, on: str, due: str, tmp_path: Path
) -> None:
    policy = changed(tmp_path, reset_follow_up_stages='["licence", "order"]')
    heard = assessed(on, YEAR, fact, ASSESSED, policy=policy)
    assert follow_ups(heard) == [("S1/2026-09-02", due, None)]
    (suspended,) = heard.findings("ContactSuspended")
    assert suspended.event.follow_up_on.isoformat() == due
