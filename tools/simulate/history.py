"""A person's history: sentence, release, what interrupts or ends it, a record under two numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from schemas.court import (
    Court,
    PreSentenceReportDelivered,
    PreSentenceReportRequested,
    Requirement,
    SentenceImposed,
    SentenceRevoked,
)
from schemas.court import Person as CourtPerson
from schemas.practice import PersonDied, PersonMerged, PractitionerPreferenceRecorded
from schemas.prison import PersonLeftCustody, PersonReleased, PersonTakenIntoCustody, ReleasePlanned
from schemas.words import CourtLevel, SentenceKind
from shared.calendar import add_months
from tools.simulate.attendance import Attendance
from tools.simulate.casework import Casework
from tools.simulate.interventions import Interventions
from tools.simulate.management import manage
from tools.simulate.people import Person
from tools.simulate.recorder import ONE_DAY, Entry, EventRecorder, working_days_after
from tools.simulate.release import conditions, prepare
from tools.simulate.risk import Risk
from tools.simulate.served import Served
from tools.simulate.victims import inform

SECOND_SENTENCE = 0.05
DIES = 0.012
REMANDED = 0.02
GOOD_PROGRESS = 0.04
"""The share of orders that a court revokes early for good progress."""
QUASHED = 0.006
ASKS_FOR_A_WOMAN = 0.3
TWO_NUMBERS = 0.02
"""The share of people recorded under two case reference numbers for some weeks."""


def person_events(person: Person, chance: Random, first: date, last: date) -> list[Entry]:
    """The events recorded about one person from the first to the last day."""
    recorder = EventRecorder(person.crn, chance, first, last)
    sentences = [_first_sentence(person, recorder, chance)]
    if person.sex == "female" and _chance(person, "preference").random() < ASKS_FOR_A_WOMAN:
        asked = PractitionerPreferenceRecorded(
            preference_id=f"{person.crn}-W", sex="female", recorded_on=person.sentenced_on
        )
        recorder.record(asked, person.sentenced_on)
    risk = Risk(person, recorder, chance)
    risk.assess()
    risk.register(sentences[0].starts_on)
    if sentences[0].kind != "custodial" and chance.random() < SECOND_SENTENCE:
        imposed_on = working_days_after(person.sentenced_on + timedelta(days=chance.randint(50, 150)), 0)
        work = _requirement(f"{person.crn}-2", "UPW", "unpaid_work", chance.randrange(40, 100, 10))
        sentences.append(_impose(person, recorder, "2", "community_order", imposed_on, 12, [work]))
    _interrupt(sentences, recorder, chance)
    casework = Casework(person, risk, recorder, chance)
    for served in sentences:
        casework.begin(served)
    casework.suspend(sentences[0])
    casework.move(sentences[0])
    other_crn = _second_number(person, recorder, chance) if chance.random() < TWO_NUMBERS else None
    Attendance(person, casework, sentences, recorder, chance, other_crn).attend()
    interventions = Interventions(person, recorder, chance)
    for served in sentences:
        casework.recognise(served)
        interventions.refer(served)
    if person.partner_violence:
        inform(sentences[0], person.sentenced_on, recorder, _chance(person, "victim"))
    manage(person, sentences, risk.reassessed_on, recorder, _chance(person, "management"))
    return recorder.entries


def _chance(person: Person, of: str) -> Random:
    """Random numbers of their own, so that what they decide changes nothing else in a person's history."""
    return Random(f"{person.crn} {person.sentenced_on} {of}")  # noqa: S311 - must be repeatable, not secret


def _first_sentence(person: Person, recorder: EventRecorder, chance: Random) -> Served:
    kind, imposed_on = person.kind, person.sentenced_on
    if kind == "custodial":
        return _imprison(person, recorder, chance)
    if chance.random() < 0.4:
        _report(person, recorder, chance)
    months = chance.choices((6, 12, 18, 24), (20, 50, 20, 10))[0]
    return _impose(person, recorder, "1", kind, imposed_on, months, _requirements(person, chance))


def _requirement(sentence_id: str, code: str, kind: str, amount: int) -> Requirement:
    return Requirement.model_validate(
        {"requirement_id": f"{sentence_id}-{code}", "kind": kind, "amount": amount}
    )


def _requirements(person: Person, chance: Random) -> list[Requirement]:
    name = f"{person.crn}-1"
    if person.work_only:
        # Sometimes a court orders fewer hours than the law allows.
        hours = 30 if chance.random() < 0.02 else chance.randrange(40, 160, 10)
        return [_requirement(name, "UPW", "unpaid_work", hours)]
    suspended = person.kind == "suspended_sentence_order"
    found = [_requirement(name, "RAR", "rar", chance.randrange(5, 26, 5))]
    if chance.random() < (0.5 if suspended else 0.35):
        found.append(_requirement(name, "UPW", "unpaid_work", chance.randrange(60, 200, 10)))
    if chance.random() < 0.12:
        programme = {"requirement_id": f"{name}-ACP", "kind": "accredited_programme", "amount": 18}
        found.append(Requirement.model_validate({**programme, "programme": "TSP"}))
    return found


def _sentence(
    person: Person,
    n: str,
    kind: SentenceKind,
    imposed_on: date,
    ends_on: date | None,
    days: int | None,
    requirements: Sequence[Requirement],
) -> tuple[SentenceImposed, CourtLevel]:
    level: CourtLevel = "magistrates" if kind == "community_order" else "crown"
    sentence = SentenceImposed(
        sentence_id=f"{person.crn}-{n}",
        kind=kind,
        imposed_on=imposed_on,
        ends_on=ends_on,
        custodial_days=days,
        court=Court(
            name=person.unit.magistrates if level == "magistrates" else person.unit.crown, level=level
        ),
        region=person.unit.region,
        pdu=person.unit.name,
        requirements=list(requirements),
        person=_before_court(person),
        partner_violence=person.partner_violence,
        sexual_offence=False,
        extremism_offence=False,
    )
    return sentence, level


def _before_court(person: Person) -> CourtPerson:
    return CourtPerson(born_on=person.born_on, sex=person.sex, cohorts=person.cohorts)


def _impose(
    person: Person,
    recorder: EventRecorder,
    n: str,
    kind: SentenceKind,
    imposed_on: date,
    months: int,
    requirements: list[Requirement],
) -> Served:
    ends_on = add_months(imposed_on, months) - ONE_DAY
    sentence, level = _sentence(person, n, kind, imposed_on, ends_on, None, requirements)
    # A court's list sometimes arrives a day or two after the sitting.
    recorder.record(
        sentence, imposed_on, imposed_on + timedelta(days=recorder.chance.choices((0, 1, 3), (85, 10, 5))[0])
    )
    # Some people are seen later than they should be.
    days = recorder.chance.choices((1, 2, 3, 5, 8), (20, 30, 27, 18, 5))[0]
    seen_on = working_days_after(imposed_on, days)
    return Served(sentence.sentence_id, kind, level, imposed_on, ends_on, requirements, seen_on)


def _imprison(person: Person, recorder: EventRecorder, chance: Random) -> Served:
    imposed_on, days = person.sentenced_on, chance.randrange(60, 400, 20)
    sentence, level = _sentence(person, "1", "custodial", imposed_on, None, days, [])
    recorder.record(sentence, imposed_on)
    released_on = working_days_after(imposed_on + timedelta(days=days // 2), 0)
    licence_ends_on = imposed_on + timedelta(days=days)
    pss_ends_on = released_on + timedelta(days=364)
    name = sentence.sentence_id
    planned = ReleasePlanned(
        sentence_id=name,
        release_on=released_on,
        licence_ends_on=licence_ends_on,
        pss_ends_on=pss_ends_on,
        stay="short_term" if days < 365 else "long_term",
    )
    prepare(planned, imposed_on, recorder, _chance(person, "release"))
    released = PersonReleased(
        sentence_id=name,
        released_on=released_on,
        licence_ends_on=licence_ends_on,
        pss_ends_on=pss_ends_on,
        conditions=conditions(name),
    )
    recorder.record(released, released_on)
    seen_on = working_days_after(released_on, chance.choices((0, 1, 3), (25, 68, 7))[0])
    return Served(name, "custodial", level, released_on, pss_ends_on, [], seen_on, licence_ends_on)


def _report(person: Person, recorder: EventRecorder, chance: Random) -> None:
    """A report that the court requested before sentencing."""
    name, first = f"{person.crn}-PSR", person.sentenced_on - timedelta(days=chance.randint(5, 20))
    asked = PreSentenceReportRequested(
        report_id=name,
        requested_on=first,
        region=person.unit.region,
        person=_before_court(person),
        partner_violence=person.partner_violence,
        sexual_offence=False,
        extremism_offence=False,
        ogrs=person.ogrs,
    )
    recorder.record(asked, first)
    given = PreSentenceReportDelivered(
        report_id=name, delivered_on=person.sentenced_on, format=chance.choice(("oral", "fast", "standard"))
    )
    recorder.record(given, person.sentenced_on)


def _interrupt(sentences: list[Served], recorder: EventRecorder, chance: Random) -> None:
    """What ends the first sentence early or interrupts it: death, remand, good progress, an appeal."""
    served = sentences[0]
    name, length = served.sentence_id, (served.ends_on - served.starts_on).days
    on = working_days_after(served.starts_on + timedelta(days=chance.randint(30, 150)), 0)
    what = chance.random()
    if what < DIES:
        for each in sentences:
            each.over_on = on
        recorder.record(PersonDied(died_on=on), on, working_days_after(on, chance.randint(1, 6)))
    elif what < DIES + REMANDED:
        left_on = on + timedelta(days=chance.randint(10, 40))
        for each in sentences:
            each.away.append((on, left_on))
        custody = f"{name}-T{on:%m%d}"
        recorder.record(PersonTakenIntoCustody(custody_id=custody, taken_on=on, reason="remand"), on)
        recorder.record(PersonLeftCustody(custody_id=custody, left_on=left_on), left_on)
    elif what < DIES + REMANDED + GOOD_PROGRESS and served.kind != "custodial":
        served.over_on = working_days_after(served.starts_on + timedelta(days=length // 2), 0)
        good = SentenceRevoked(sentence_id=name, revoked_on=served.over_on, reason="good_progress")
        recorder.record(good, served.over_on)
    elif what > 1 - QUASHED:
        served.over_on = on
        recorder.record(SentenceRevoked(sentence_id=name, revoked_on=on, reason="quashed"), on)


def _second_number(person: Person, recorder: EventRecorder, chance: Random) -> tuple[str, date]:
    """Another case reference number of the same person, and the day on which the records are merged."""
    other = f"Y{person.crn[1:]}"
    merged_on = working_days_after(person.sentenced_on + timedelta(days=chance.randint(30, 90)), 0)
    recorder.record(PersonMerged(into=person.crn), merged_on, subject=other)
    return other, merged_on
