"""Plays worked examples through the four services: facts in order of arrival, a last day, what then stands.

Every play also checks what holds of all that is published, whatever the example (`check`).
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from schemas import language
from schemas.catalogue import CATALOGUE
from schemas.envelope import CloudEvent
from shared.answers.rulebook import RULE_ID
from shared.calendar import london_date
from tests.facts import Fact
from tests.ledger import Ledger, Published
from tools.rules import publishes, rules_of
from tools.services import SERVICES

Expected = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True)
class Example:
    """Facts in order of arrival, the last day, and what then stands (of each type named: all of it).

    `withdrawn` are the reasons of all withdrawals of a type; events that lack what `only` says are left out;
    `where` is the place in the file of examples.
    """

    name: str
    facts: Sequence[Fact]
    until: str
    stands: Expected
    withdrawn: Mapping[str, Sequence[str]] = field(default_factory=dict)
    only: Mapping[str, Any] = field(default_factory=dict)
    where: str = ""

    @cached_property
    def told(self) -> Published:
        """What the services publish if the facts arrive in order."""
        return play(self.facts, self.until)

    @cached_property
    def told_in_reverse(self) -> Published:
        """What they publish if the last fact arrives first."""
        return play([*reversed(self.facts)], self.until)

    def check(self) -> None:
        """Play it and compare."""
        ledger = self.told
        for type, expected in self.stands.items():
            found = [as_json(event) for event in ledger.standing_events(type)]
            found = [data for data in found if _holds(self.only, data)]
            assert len(found) == len(expected), (self.where, type, found)
            for subset in expected:
                assert any(_holds(subset, data) for data in found), (self.where, subset, found)
        reasons = {type: sorted(r for _, r in ledger.withdrawals(type)) for type in self.withdrawn}
        assert reasons == {type: sorted(expected) for type, expected in self.withdrawn.items()}, self.where


def _holds(subset: Mapping[str, Any], data: Mapping[str, Any]) -> bool:
    return all(name in data and data[name] == value for name, value in subset.items())


def as_json(event: CloudEvent[Any]) -> dict[str, Any]:
    """The data of an event as a subscriber reads them, with its subject."""
    data: dict[str, Any] = json.loads(language.render(event))["data"]
    return data | {"subject": event.subject}


def play(facts: Sequence[Fact], until: str) -> Published:
    """Tell each fact on the day in London on which it was recorded; every day until the last one begins."""
    ledger = Ledger(*SERVICES)
    # Who works where is told beforehand: no example needs the years between.
    today = min(london_date(fact.recorded) for fact in facts if fact.subject[:1] != "P")
    ledger.day(today)
    for fact in facts:
        day = london_date(fact.recorded)
        if day > today:
            ledger.day(day)
            today = day
        ledger.publish(fact)
    ledger.day(until)
    check(ledger, facts)
    return Published(ledger.published)  # without the cases, which take much memory


def check(ledger: Published, facts: Sequence[Fact]) -> None:
    """What holds of all that is published: envelope, order, reasons, keys and nothing after the end."""
    known = {fact.id for fact in facts} | {e.id for e in ledger.published}
    sequences: dict[tuple[str, str | None], int] = defaultdict(int)
    standing: dict[str, CloudEvent[Any]] = {}
    ids = Counter(e.id for e in ledger.published)
    assert not [i for i, n in ids.items() if n > 1]
    for event in ledger.published:
        wire = json.loads(language.render(event))
        person = CATALOGUE[event.type].subject == "person"
        sequences[event.source, event.subject] += 1
        assert wire["specversion"] == "1.0"
        assert wire["subject"] == wire["partitionkey"]
        assert wire["sequence"] == f"{sequences[event.source, event.subject]:010d}", wire
        assert wire["dataschema"] == f"https://schemas.probation.example/{event.type}/1"
        chain = {wire["causationid"], wire["correlationid"]}
        assert {i for i in chain if not _DAY.fullmatch(i)} <= known, wire
        if person:
            labels = (wire["dataclassification"], wire["dataregulation"], wire["datacategory"])
            assert labels == ("restricted", "UK-DPA-2018-3", "special-category")
        why = wire["data"]["why"]
        assert why["rules"]
        drawn = event.data.withdrawn_type if event.type == "Withdrawn" else event.type
        assert set(why["rules"]) <= RULES[drawn], (event.type, why)
        assert re.fullmatch(r"[a-z]+@\d{4}-\d\d-\d\d.*", why["policy"]), why
        evidence = {i for i in why["evidence"] if not _DAY.fullmatch(i)}
        assert why["evidence"]
        assert evidence <= known, (event.type, why)
        if event.type == "Withdrawn":
            gone = standing.pop(event.data.withdraws)
            assert (gone.type, gone.subject) == (event.data.withdrawn_type, event.subject)
        else:
            standing[event.id] = event
    keys = Counter(_key(e) for e in standing.values())
    assert not [k for k, n in keys.items() if n > 1], keys


def _rules() -> dict[str, set[str]]:
    """By type, the ids in the docstrings of the functions that draw it."""
    found: dict[str, set[str]] = defaultdict(set)
    for rule in (rule for service in SERVICES for rule in rules_of(service)):
        for type in publishes(rule):
            found[type] |= set(RULE_ID.findall(rule.__doc__ or ""))
    return found


RULES = _rules()
_DAY = re.compile(r"day-\d{4}-\d\d-\d\d")
KEYS: dict[str, tuple[str, ...]] = {
    "AllocationDue": ("sentence_id",),
    "TierCalculated": (),
    "CaseAllocated": (),
    "AllocationOverdue": ("sentence_id",),
    "PractitionerOverCapacity": ("practitioner_id",),
    "SupervisionEnded": ("sentence_id",),
    "ContactMissed": ("contact_id",),
    "ContactExcused": ("contact_id",),
    "AbsenceUndecided": ("contact_id",),
    "ContactStandardMissed": ("sentence_id", "period_start"),
    "VideoShareExceeded": ("sentence_id", "period_start"),
    "AbsenceDecisionOverdue": ("contact_id",),
    "EnforcementActionRequired": ("contact_id",),
    "WarningLetterOverdue": ("contact_id",),
    "BreachRequired": ("sentence_id", "contact_id"),
    "ReferralMade": ("referral_id", "made_on", "transferred_on"),
    "InterventionStarted": ("referral_id", "requirement_id"),
    "UnpaidWorkStartOverdue": ("requirement_id",),
    "UnpaidWorkCredited": ("session_id",),
    "EmploymentCapExceeded": ("session_id",),
    "ReturnToCourtRequired": ("requirement_id",),
    "RarDayUsed": ("requirement_id", "date"),
    "RarLimitReached": ("session_id",),
    "RequirementCompleted": ("requirement_id",),
    "RequirementInvalid": ("requirement_id",),
}
"""The fields of which events.md part 3 makes the key, where the data carry them."""


def _key(event: CloudEvent[Any]) -> tuple[Any, ...]:
    fields = KEYS.get(event.type) or ()
    values = tuple(as_json(event)[name] for name in fields)
    return (event.type, event.subject, *(values or (event.id,)))
