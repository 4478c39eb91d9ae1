"""Strategies: each thing that a source could say of a person, valid but otherwise as it pleases.

Few ids and few days, so that things collide: corrections of one another, ties of `recordedtime`, sentences
that nobody imposed, days next to month ends and bank holidays (Easter, May and Whitsun of 2026).
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, get_args

from hypothesis import strategies as st

from schemas.contacts import AbsenceUndecided, ContactExcused, ContactMissed, FailureTakenBack
from schemas.court import (
    AppealDecided,
    AppealLodged,
    BreachHearingResulted,
    Court,
    Person,
    Requirement,
    SentenceImposed,
    SentenceRevoked,
    SentenceVaried,
)
from schemas.envelope import Data, Why
from schemas.practice import ContactOutcomeRecorded, ContactScheduled, EnforcementActionTaken, PersonDied
from schemas.prison import PersonLeftCustody, PersonReleased, PersonTakenIntoCustody
from schemas.providers import SessionRecorded
from schemas.words import AcceptableReason, EnforcementAction, Mode, Outcome
from shared.calendar import LONDON
from tests.engine.running import ONE_DAY, at, days

FIRST, LAST = date(2026, 3, 2), date(2026, 6, 5)
"""The days of which the facts speak; sentences may end later, and some things are dated ahead."""

TURNS = [
    *(date(2026, 3, day) for day in (30, 31)),
    *(date(2026, 4, day) for day in (1, 2, 3, 6, 7, 30)),
    *(date(2026, 5, day) for day in (1, 4, 5, 25, 31)),
    date(2026, 6, 1),
]
"""Month ends, bank holidays and the days beside them."""

dates = st.sampled_from([*TURNS, *TURNS, *TURNS, *days(FIRST, LAST)])
starts = st.sampled_from([FIRST, FIRST, FIRST, *TURNS])
spans = st.sampled_from([0, 1, 28, 30, 31, 60, 90, 120, 180, 365]).map(lambda n: timedelta(days=n))
recordings = st.sampled_from([at(day, hour) for day in (*TURNS, FIRST) for hour in (9, 9, 23)])
"""When something was recorded: often at the very same time as something else."""
voided = st.sampled_from([False] * 6 + [True])
sentences = st.sampled_from([*["S1"] * 6, "S2", "L1"])
named = st.sampled_from([*["S1"] * 6, "S2", "L1", None])
"""The sentence that a contact is for; None: all of them."""
contacts = st.sampled_from([f"C{n}" for n in range(5)])
custodies = st.sampled_from(["K1", "K2"])
requirement_ids = st.sampled_from(["R1", "R1", "R1", "R2", "R3"])
outcomes = st.sampled_from(
    [*get_args(Outcome), *["unacceptable_absence", "failed_to_attend", "complied", "complied"] * 4]
)
reasons = st.sampled_from(get_args(AcceptableReason))
kinds: st.SearchStrategy[Any] = st.sampled_from(
    ["planned", "planned", "initial", "home_visit", "session", "session"]
)
PERSON = Person(born_on=date(1990, 1, 1), sex="male")
YOUNG = Person(born_on=date(2008, 4, 3), sex="male", cohorts=["young_adult"])
"""Comes of age on Good Friday."""
WHY = Why(rules=["TEST-1"], policy="test@2021-06-26", evidence=[])


def any_event(model: type[Data], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Any such event; of the fields not given those that must be there are any bool, day or word."""
    for name, field in model.model_fields.items():
        if name in ALIKE:
            fields.setdefault(name, ALIKE[name])
        elif field.is_required() and name not in fields:
            simple: dict[Any, st.SearchStrategy[Any]] = {bool: st.booleans(), date: dates}
            words = get_args(field.annotation)
            fields[name] = st.sampled_from(words) if words else simple[field.annotation]
    return st.builds(model, **fields)


ALIKE = {"sentence_id": sentences, "voided": voided, "why": st.just(WHY)}
"""What is the same in all events."""


@st.composite
def requirements(draw: st.DrawFn) -> list[Requirement]:
    """Up to three requirements, one of them perhaps concurrent with another."""
    found = []
    for id in draw(st.lists(requirement_ids, max_size=3, unique=True)):
        kind = draw(st.sampled_from(["rar", "unpaid_work", "curfew", "other"]))
        amount = {"rar": st.integers(1, 3), "unpaid_work": st.integers(1, 8)}.get(kind, st.none())
        beside = draw(st.none() | requirement_ids) if kind == "unpaid_work" else None
        found.append(
            Requirement.model_validate(
                {"requirement_id": id, "kind": kind, "amount": draw(amount), "concurrent_with": beside}
            )
        )
    return found


ORDERS = ["community_order", "community_order", "suspended_sentence_order", "supervision_default_order"]


@st.composite
def impositions(draw: st.DrawFn) -> Data:
    imposed_on, custodial = draw(starts), draw(st.sampled_from([False, False, False, True]))
    kind = "custodial" if custodial else draw(st.sampled_from(ORDERS))
    return SentenceImposed.model_validate(
        {
            "sentence_id": draw(sentences),
            "kind": kind,
            "imposed_on": imposed_on,
            "ends_on": None if custodial else imposed_on + draw(spans),
            "custodial_days": 100 if custodial else None,
            "court": Court(name="Leeds", level=draw(st.sampled_from(["magistrates", "crown"]))),
            "region": draw(st.sampled_from(["london", "wales"])),
            "pdu": "Camden",
            "requirements": [] if custodial else draw(requirements()),
            "person": draw(st.sampled_from([PERSON, PERSON, YOUNG])),
            "partner_violence": False,
            "sexual_offence": False,
            "extremism_offence": False,
            "voided": draw(voided),
        }
    )


@st.composite
def orders(draw: st.DrawFn) -> Data:
    """The order on which most of what is told turns: it runs for most of the time."""
    data: Data = draw(impositions())
    more = {"sentence_id": "S1", "kind": "community_order", "imposed_on": FIRST, "custodial_days": None}
    ends_on = LAST + draw(st.sampled_from([-10, 0, 20, 400])) * ONE_DAY
    wanted = [{"requirement_id": "R1", "kind": draw(st.sampled_from(["rar", "unpaid_work"])), "amount": 2}]
    return SentenceImposed.model_validate(
        data.model_dump() | more | {"ends_on": ends_on, "requirements": wanted, "voided": False}
    )


@st.composite
def releases(draw: st.DrawFn) -> Data:
    start = draw(starts)
    licence = start + draw(spans)
    pss = draw(st.none() | spans.map(lambda span: licence + span))
    return PersonReleased(
        sentence_id=draw(sentences),
        released_on=start,
        licence_ends_on=licence,
        pss_ends_on=pss,
        voided=draw(voided),
    )


@st.composite
def licences(draw: st.DrawFn) -> list[Data]:
    """A release with post-sentence supervision, under way for some of the days of which the facts speak."""
    released_on = draw(st.sampled_from([FIRST, FIRST, *TURNS]))
    licence_ends_on = released_on + draw(st.sampled_from([0, 7, 28, 30, 31, 60])) * ONE_DAY
    sentence = {"sentence_id": "L1", "kind": "custodial", "imposed_on": FIRST, "ends_on": None}
    more = {"custodial_days": 100, "requirements": [], "voided": False}
    return [
        SentenceImposed.model_validate(draw(impositions()).model_dump() | sentence | more),
        PersonReleased(
            sentence_id="L1",
            released_on=released_on,
            licence_ends_on=licence_ends_on,
            pss_ends_on=released_on + draw(st.sampled_from([61, 90, 365])) * ONE_DAY,
        ),
    ]


@st.composite
def outcomes_recorded(draw: st.DrawFn) -> Data:
    outcome = draw(outcomes)
    return ContactOutcomeRecorded(
        contact_id=draw(contacts),
        sentence_id=draw(named),
        requirement_id=draw(st.none() | requirement_ids),
        occurred_on=draw(dates),
        kind=draw(kinds),
        mode=draw(st.sampled_from(get_args(Mode))),
        national_standard=draw(st.sampled_from([True, True, True, True, False])),
        outcome=outcome,
        acceptable_reason=draw(reasons) if outcome == "acceptable_absence" else None,
        voided=draw(voided),
    )


@st.composite
def sessions(draw: st.DrawFn) -> Data:
    outcome = draw(outcomes)
    return SessionRecorded(
        session_id=draw(contacts),
        sentence_id=draw(sentences),
        referral_id=draw(st.sampled_from([None, "R1", "F1"])),
        requirement_id=draw(st.none() | requirement_ids),
        held_on=draw(dates),
        activity=draw(st.sampled_from(["session", "unpaid_work", "employment_training_education"])),
        minutes=draw(st.sampled_from([0, 60, 210, 420])),
        outcome=outcome,
        acceptable_reason=draw(reasons) if outcome == "acceptable_absence" else None,
        national_standard=draw(st.booleans()),
        voided=draw(voided),
    )


def _in_london(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), LONDON)


STRATEGIES: dict[type[Data], st.SearchStrategy[Any]] = {
    SentenceImposed: impositions(),
    SentenceVaried: st.builds(
        lambda varied_on, span, **more: SentenceVaried(varied_on=varied_on, ends_on=varied_on + span, **more),
        varied_on=dates,
        span=spans,
        sentence_id=sentences,
        requirements=requirements(),
        voided=voided,
    ),
    SentenceRevoked: any_event(
        SentenceRevoked, reason=st.sampled_from(["good_progress", "breach", "quashed"])
    ),
    BreachHearingResulted: any_event(BreachHearingResulted, hearing_id=st.sampled_from(["H1", "H2"])),
    AppealLodged: any_event(AppealLodged, appeal_id=st.sampled_from(["Q1", "Q2"])),
    AppealDecided: any_event(
        AppealDecided,
        appeal_id=st.sampled_from(["Q1", "Q2"]),
        outcome=st.sampled_from(["dismissed", "allowed_quashed"]),
    ),
    PersonReleased: releases(),
    PersonTakenIntoCustody: any_event(
        PersonTakenIntoCustody,
        custody_id=custodies,
        reason=st.sampled_from(["recall", "remand"]),
        sentence_id=st.none() | sentences,
    ),
    PersonLeftCustody: any_event(PersonLeftCustody, custody_id=custodies),
    ContactScheduled: any_event(
        ContactScheduled,
        contact_id=contacts,
        sentence_id=named,
        requirement_id=st.none() | requirement_ids,
        kind=kinds,
    ),
    ContactOutcomeRecorded: outcomes_recorded(),
    SessionRecorded: sessions(),
    EnforcementActionTaken: any_event(
        EnforcementActionTaken,
        action_id=st.sampled_from([f"A{n}" for n in range(4)]),
        contact_id=st.none() | contacts,
        taken_at=st.builds(_in_london, dates, st.sampled_from([0, 10, 23])),
        action=st.sampled_from(
            [*get_args(EnforcementAction), *["warning", "final_warning", "breach_initiated"] * 3]
        ),
    ),
    PersonDied: any_event(PersonDied),
    ContactMissed: any_event(ContactMissed, contact_id=contacts, outcome=st.just("unacceptable_absence")),
    ContactExcused: any_event(ContactExcused, contact_id=contacts),
    FailureTakenBack: any_event(FailureTakenBack, contact_id=contacts),
    AbsenceUndecided: any_event(AbsenceUndecided, contact_id=contacts),
}
"""A strategy for each event type; the others are in `other_facts.py`."""
