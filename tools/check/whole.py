"""Finds what only several events together show: repeated ids, unknown references, order, clocks, gaps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from schemas.catalogue import CATALOGUE
from schemas.envelope import Upstream
from shared.calendar import london_date
from shared.engine.days import next_day, why_refused
from shared.engine.doubts import another_body
from shared.engine.erasing import letter_of
from shared.engine.intake import CLOCK
from shared.engine.joining import Fact, doubts_about_version
from shared.engine.warning import Doubt
from tools.check.findings import DOUBTFUL, REFUSED, Finding, Mistake
from tools.check.known import Known, Mention
from tools.check.reading import Read
from tools.check.references import AHEAD, INTRODUCED_BY, Day, day_of, ends_of, named, of_a_person

_OF_RECORDS = ("PersonMerged", "PersonUnmerged", "PersonErased")


class Whole:
    """Takes the events of a file in order. `today` is London's date."""

    def __init__(self, known: Known, today: date) -> None:
        self._known = known
        self._today = today
        self._reached: date | None = None
        self._announced: set[date] = set()
        self._erased: set[str] = set()
        self._into: dict[str, str] = {}
        self._merges: list[tuple[int, str]] = []
        self.people: set[str] = set()
        self.repeated = 0
        """How many events came again with the same content, which has no effect."""

    def take(self, read: Read) -> Iterator[Finding]:
        """What is wrong with an event, given those before it."""
        head, fact = read.head, read.fact
        if read.refused:
            return
        same = self._known.says_the_same(head.source, head.id, read.value)
        if same is not None:
            if same:
                self.repeated += 1
            else:
                yield _doubtful(read.line, head.type, another_body())
            return
        self._number(read)
        if head.type == CLOCK and fact is not None:
            yield from self._begin(read.line, fact.data.date)
        elif fact is not None and isinstance(fact.data, Upstream):
            yield from self._join(read.line, fact)

    def ended(self) -> Iterator[Finding]:
        """What is wrong with the events together, once all were taken."""
        for mention in self._known.mentions():
            yield from self._reference(mention)
        for line, into in self._merges:
            if not self._known.is_known(into):
                explanation = "data.into names a person of whom no event tells: correct the number"
                yield _found(line, "PersonMerged", "unknown_reference", "data.into", explanation)
        for gap in self._known.gaps():
            explanation = (
                f"numbers of {gap.source} are missing before this event: add the events that have them"
            )
            yield _found(gap.line, None, "sequence_gap", "sequence", explanation)

    def _number(self, read: Read) -> None:
        head = read.head
        if head.sequence.isdecimal():
            # Our services count for each subject; others, by the extension's specification, for each source.
            subject = head.subject if head.source.startswith("/services/") else ""
            self._known.number(head.source, subject, int(head.sequence), read.line)

    def _begin(self, line: int, day: date) -> Iterator[Finding]:
        """A day of the clock."""
        if day in self._announced or (self._reached is not None and day <= self._reached):
            explanation = "this day has begun before: days run forwards, so it has no effect"
            yield _found(line, CLOCK, "clock", "data.date", explanation)
            return
        why = why_refused(day, self._reached, self._announced, self._today)
        if why is not None:
            yield _found(line, CLOCK, "clock", "data.date", why)
        elif day > self._today:
            explanation = "this day has not begun in London: it waits until then; correct the clock"
            yield _found(line, CLOCK, "clock", "data.date", explanation)
        self._announced.add(day)
        while (begins := next_day(self._reached, self._announced, self._today)) is not None:
            self._reached = begins
            self._announced.discard(begins)

    def _join(self, line: int, fact: Fact) -> Iterator[Finding]:
        of_person = CATALOGUE[fact.type].subject == "person"
        if of_person:
            self.people.add(fact.subject)
        if fact.subject in self._erased and fact.origin is not None:
            letter = letter_of(fact.origin)
            yield _found(line, fact.type, letter.reason, "subject", letter.explanation, REFUSED)
            return
        if of_person and fact.subject in self._into and fact.type not in _OF_RECORDS:
            explanation = "the person's record went into another before: send what is new under that number"
            yield _found(line, fact.type, "merged_person", "subject", explanation)
        day = None if fact.voids else day_of(fact.data)
        names = [] if fact.voids else list(named(fact.data))
        stood = self._known.take(fact, line, names, day)
        if stood is not None:
            for doubt in doubts_about_version(fact, stood):
                yield _doubtful(line, fact.type, doubt)
        if not fact.voids:
            yield from _dates(line, fact, day)
            self._records(line, fact)

    def _records(self, line: int, fact: Fact) -> None:
        """Note whose records are one, and who was erased."""
        if fact.type == "PersonErased":
            self._erased.add(fact.subject)
        elif fact.type == "PersonMerged":
            self._into[fact.subject] = fact.data.into
            self._merges.append((line, fact.data.into))
        elif fact.type == "PersonUnmerged":
            self._into.pop(fact.data.reactivated, None)

    def _person(self, subject: str) -> str:
        passed = {subject}
        while (into := self._into.get(subject)) is not None and into not in passed:
            passed.add(into)
            subject = into
        return subject

    def _reference(self, mention: Mention) -> Iterator[Finding]:
        kind, field = mention.kind, mention.field
        if not mention.introduced:
            types = " or ".join(INTRODUCED_BY[kind])
            explanation = (
                f"{field} names a {kind} of which no {types} tells: send that too, or correct the id"
            )
            yield _found(mention.line, mention.type, "unknown_reference", field, explanation)
            return
        if not of_a_person(kind):
            return
        person = self._person(mention.subject)
        own = [one for one in mention.introduced if self._person(one.subject) == person]
        if not own:
            explanation = f"{field} names a {kind} of another person: correct one, or send PersonMerged"
            yield _found(mention.line, mention.type, "unknown_reference", field, explanation)
            return
        began = [one.began for one in own if one.began is not None]
        first = min(began, key=lambda day: day.day, default=None)
        if mention.day is not None and first is not None and mention.day.day < first.day:
            explanation = (
                f"{mention.day.field} is before {first.field} of the {kind} that {field} names: correct one"
            )
            yield _found(mention.line, mention.type, "dates_out_of_order", mention.day.field, explanation)


def _dates(line: int, fact: Fact, day: Day | None) -> Iterator[Finding]:
    """What is wrong with the dates of one event."""
    if day is None:
        return
    for end in ends_of(fact.data):
        if end.day < day.day:
            explanation = f"{end.field} is before {day.field}: correct one of them"
            yield _found(line, fact.type, "dates_out_of_order", end.field, explanation)
    if day.field.rpartition(".")[2] not in AHEAD and day.day > london_date(fact.cause.at):
        explanation = (
            f"{day.field} is after the day in London on which it was recorded: nothing is recorded before it "
            "happens; correct the date, or time and recordedtime"
        )
        yield _found(line, fact.type, "dates_out_of_order", day.field, explanation)


def _found(
    line: int, type: str | None, kind: str, field: str, explanation: str, grade: str = DOUBTFUL
) -> Finding:
    return Finding(line, Mistake(grade, kind, type, field, explanation))


def _doubtful(line: int, type: str, doubt: Doubt) -> Finding:
    return Finding(line, Mistake(DOUBTFUL, doubt.kind, type, doubt.field, doubt.explanation))
