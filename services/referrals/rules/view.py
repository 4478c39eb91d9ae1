"""What every rule looks at: the case on a day, its requirements and what has been done under them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from functools import cached_property

from services.referrals.case import Contact, ReferralsCase, Session
from services.referrals.ordered import Ordered, concurrent_groups, ordered_requirements
from services.referrals.progress import (
    Completion,
    Credit,
    RarDay,
    Step,
    completion,
    credits_of,
    minutes_ordered,
    rar_days_of,
)
from shared.engine.assessment import Day, View
from shared.engine.case import Part
from shared.policy import Values

Place = tuple[str | None, str | None]
"""Sentence and requirement that a session or contact names."""


class RequirementsView(View[ReferralsCase, Part]):
    """A case as the rules see it on a day; facts dated later are not in it yet."""

    @cached_property
    def requirements(self) -> tuple[Ordered, ...]:
        """All requirements."""
        return tuple(ordered_requirements(self.case))

    @cached_property
    def _places(self) -> dict[str, Place]:
        return {o.key: (o.sentence.sentence_id, o.requirement_id) for o in self.requirements}

    @cached_property
    def sessions(self) -> dict[str, list[Session]]:
        """By the requirement's key, in order: those recorded for it."""
        recorded = _sessions(self.case, self.today)
        return {key: recorded.get(place, []) for key, place in self._places.items()}

    @cached_property
    def credits(self) -> dict[str, list[Credit]]:
        """By the key of an unpaid-work requirement, concurrent hours included."""
        unpaid_work = {ordered.key: ordered for ordered in self.of_kind("unpaid_work")}
        groups = concurrent_groups(unpaid_work.values())
        return {
            key: credits_of(ordered, _hours(groups[key], unpaid_work, self.sessions), self.policy)
            for key, ordered in unpaid_work.items()
        }

    @cached_property
    def rar_days(self) -> dict[str, list[RarDay]]:
        """By the key of a RAR."""
        contacts = _contacts(self.case, self.today)
        return {
            # What names no sentence is told by its requirement alone, of two of one id by the earlier
            # sentence's.
            ordered.key: rar_days_of(
                ordered,
                self.sessions[ordered.key],
                [*contacts.get(self._places[ordered.key], ()), *contacts.get((None, ordered.key), ())],
                self.policy,
            )
            for ordered in self.of_kind("rar")
        }

    def of_kind(self, kind: str) -> Iterator[Ordered]:
        """The requirements of a kind."""
        return (ordered for ordered in self.requirements if ordered.kind == kind)

    def values(self, ordered: Ordered, day: date) -> Values:
        """The policy values on a day, in the region of the requirement's sentence."""
        return self.policy.on(day, ordered.sentence.region)

    def first_worked(self, ordered: Ordered) -> Credit | None:
        """The first session of unpaid work proper; a course is none."""
        return next((c for c in self.credits[ordered.key] if c.is_work and c.minutes), None)

    def worked(self, ordered: Ordered) -> Completion | None:
        """When an unpaid-work requirement was worked out; amounts in minutes."""
        steps = [Step(c.session.held_on, c.total, c.session) for c in self.credits[ordered.key]]
        return completion(ordered, steps, minutes_ordered, self.today.reached)


def _sessions(case: ReferralsCase, today: Day) -> dict[Place, list[Session]]:
    found: dict[Place, list[Session]] = defaultdict(list)
    for session in sorted(case.sessions.values(), key=lambda s: (s.held_on, s.session_id)):
        if today.reached(session.held_on):
            found[session.sentence_id, case.requirement_of(session)].append(session)
    return found


def _contacts(case: ReferralsCase, today: Day) -> dict[Place, list[Contact]]:
    found: dict[Place, list[Contact]] = defaultdict(list)
    for contact in case.contacts.values():
        if contact.kind == "session" and today.reached(contact.occurred_on):
            found[contact.sentence_id, contact.requirement_id].append(contact)
    return found


def _hours(
    group: frozenset[str], unpaid_work: dict[str, Ordered], sessions: dict[str, list[Session]]
) -> list[Session]:
    """The sessions whose hours count for a requirement: its own and those of concurrent ones, in order.

    A session counts only if it was held while the requirement that it was recorded for was in force.
    """
    held = (s for key in group for s in sessions[key] if unpaid_work[key].on(s.held_on) is not None)
    return sorted(held, key=lambda s: (s.held_on, s.session_id))
