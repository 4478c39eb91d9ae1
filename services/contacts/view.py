"""A case as the rules look at it: what several rules ask, each answer worked out once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import msgspec

from schemas.words import Registration
from services.contacts.case import ContactsCase, ContactsMonth
from services.contacts.facts import Allocation, Plan, Risk, Sentence
from services.contacts.supervision import DAY, Course, Custody, Stage, Supervision
from shared.calendar import within
from shared.engine.assessment import Day, View, once
from shared.engine.case import Record
from shared.policy import Policy, Values

CLOSEST: tuple[Stage, ...] = ("licence", "order", "post_sentence_supervision")
"""The stages of supervision, the closest first."""


class Registered(msgspec.Struct, frozen=True):
    """A time for which a registration held: from `first` up to, but not on, `until` (None: still)."""

    registration_id: str
    kind: Registration
    first: date
    until: date | None
    because: tuple[Record, ...]

    def on(self, day: date) -> bool:
        """Was it in force that day?"""
        return self.first <= day and (self.until is None or day < self.until)


class ContactsView(View[ContactsCase, ContactsMonth]):
    """A case as the rules look at it; see the module's text."""

    def __init__(self, case: ContactsCase, policy: Policy) -> None:
        super().__init__(case, policy)
        self.sentences = case.sentences
        self.courses: dict[str, Course] = {
            sentence_id: case.course(sentence_id, policy) for sentence_id in sorted(case.sentences)
        }
        """Supervision on each sentence."""

    def values(self, day: date, sentence: Sentence) -> Values:
        """The policy of that day where the sentence was passed."""
        return self.policy.on(day, sentence.region)

    # -- supervision -----------------------------------------------------------------------------

    def supervised_on(self, sentence_id: str, day: date) -> bool:
        """Is the person supervised on that sentence that day? The last day counts."""
        return any(stretch.first <= day <= stretch.last for stretch in self.courses[sentence_id].stretches)

    def stretches(self) -> Iterator[tuple[str, Course, Supervision]]:
        """All stretches of supervision, sentence by sentence, in order."""
        for sentence_id, course in self.courses.items():
            for stretch in course.stretches:
                yield sentence_id, course, stretch

    def live_on(self, day: date) -> list[Supervision]:
        """The stretches of supervision in which that day falls, one a sentence at the most."""
        return [stretch for _, _, stretch in self.stretches() if stretch.first <= day <= stretch.last]

    def linked_to(self, sentence_id: str | None, day: date) -> Sentence | None:
        """The sentence on which a contact of that day is told: the one that it names, if that was live.

        ENF-32: an event is enforced on one sentence only. A contact that names none is told of the live
        sentence whose supervision is the closest: a licence before an order, post-sentence supervision last;
        of several the one imposed first.
        """
        if sentence_id is not None:
            live = sentence_id in self.courses and self.supervised_on(sentence_id, day)
            return self.sentences[sentence_id] if live else None
        closest = min(
            self.live_on(day),
            key=lambda s: (CLOSEST.index(s.stage), s.sentence.imposed_on, s.sentence.sentence_id),
            default=None,
        )
        return closest.sentence if closest else None

    @property
    @once
    def custody(self) -> Custody:
        """When the person was held."""
        return self.case.custody()

    def held_since(self, today: Day) -> date | None:
        """The day since which the person is held today; None if free."""
        for stay in self.custody.stays:
            if today.reached(stay.start) and not (stay.end is not None and today.reached(stay.end)):
                return stay.start
        return None

    def first_allocation(self, sentence_id: str) -> Allocation | None:
        """The first allocation of a sentence; None while there is none."""
        allocations = [a for a in self.case.allocations.values() if a.sentence_id == sentence_id]
        return min(allocations, key=lambda a: (a.allocated_on, a.event_id), default=None)

    # -- risk, need and registrations ------------------------------------------------------------

    @property
    @once
    def risks(self) -> list[Risk]:
        """The risk assessments in order; of two of one day the one recorded later is the later one."""
        return sorted(self.case.risks.values(), key=lambda r: (r.assessed_on, *r.stamp))

    def risk_on(self, day: date) -> Risk | None:
        """The assessment that holds on a day; None while the risk is unknown (which is not low)."""
        return next((r for r in reversed(self.risks) if r.assessed_on <= day), None)

    @property
    @once
    def registrations(self) -> list[Registered]:
        """When which registration was in force, in order. Setting one that is set changes nothing."""
        out: list[Registered] = []
        flags = sorted(self.case.flags.values(), key=lambda f: (f.registration_id, f.effective_on, *f.stamp))
        for flag in flags:
            last = out[-1] if out else None
            if last is not None and (last.registration_id != flag.registration_id or last.until is not None):
                last = None
            if flag.active and last is None:
                out.append(Registered(flag.registration_id, flag.kind, flag.effective_on, None, (flag,)))
            elif not flag.active and last is not None:
                out[-1] = msgspec.structs.replace(
                    last, until=flag.effective_on, because=(*last.because, flag)
                )
        found = [r for r in out if r.until is None or r.until > r.first]
        return sorted(found, key=lambda r: (r.first, r.registration_id))

    def plans(self, sentence_id: str) -> list[Plan]:
        """The sentence plans of a sentence, in order of their completion."""
        plans = [plan for plan in self.case.plans.values() if plan.sentence_id == sentence_id]
        return sorted(plans, key=lambda p: (p.completed_on, *p.stamp))

    # -- deadlines -------------------------------------------------------------------------------

    def due_on(self, since: date, name: str, sentence: Sentence) -> date | None:
        """The last day on which what is due within the policy's number of days of `since` is in time.

        ENF-35: the clock stands while the person is held, and goes on with the day of leaving, which counts;
        one that would begin while the person is held begins with it. None while the person is still held.
        """
        values = self.values(since, sentence)
        left, unit = values.integer(name), values.day_unit(name)
        due = within(since, left, unit)
        if not self.case.taken:
            return due  # by far the most
        for stay in self.custody.stays:
            if stay.touches(since, due):
                if stay.end is None:
                    return None
                if since < stay.start:
                    gone = range(1, left + 1)  # days that went by before the person was taken
                    left -= sum(1 for n in gone if within(since, n, unit) < stay.start)
                    since = stay.end - DAY
                else:
                    since = stay.end
                due = within(since, left, unit)
        return due


def extent(view: ContactsView) -> tuple[date, date] | None:
    """The first and the last day of all supervision: periods end in it that no contact falls in."""
    stretches = [stretch for _, _, stretch in view.stretches()]
    if not stretches:
        return None
    return min(stretch.first for stretch in stretches), max(stretch.last for stretch in stretches)
