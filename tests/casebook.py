"""How tests assess a case: on a day (`on`), or over time as services publish and withdraw (`tests.ledger`).

On a day, by one service, without regard to what was published before::

    from services.contacts.app import SERVICE as CONTACTS
    from tests import facts as f
    from tests.casebook import on

    case = on("2026-04-01", CONTACTS, f.order("2026-03-01", "2026-03-31"), f.contact("2026-03-10", id="C1"))
    assert case.open("ContactStandardMissed") == {}

- `open(type)` returns the events of standing findings by key. `closed(type)` says, by key, whether findings
  that stood before were resolved or ended. `one(type)` is the event of the only standing finding.
- `findings(type)` returns all findings as the engine knows them, with rules and policy. `evidence(type)`
  returns, by key, the ids of the facts that each is based on.
- `wake_on` is the first day on which any of this can change without new facts. `status`, `region`,
  `practitioner`, `shown` and `months_shown` are for queries. `requests`, `claims` and `pools` are what the
  case requests, uses and offers.
- `monthly` and `months_wake_on` are the findings of the case's months alone, and the day they wait for.
- `case = known(service, *facts)` works for every day: `case(day)`. `decide(day, service, *facts)` is the
  service's decision on the person's request.
- Facts in a list are recorded one by one. A later fact about the same thing corrects it (`tests.facts`).
- `policy` is a changed policy (`tests.policies`). `subject` is the case, by default the person of the first
  fact.

Over time, by several services that read each other's events: `tests.ledger`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from schemas import language
from schemas.catalogue import CATALOGUE
from schemas.envelope import CloudEvent
from shared.engine.assessment import Finding, Overview, Refusal, Request, evidence
from shared.engine.casebook import Assessment, assess
from shared.engine.casefile import CaseFile
from shared.engine.intake import fact_of
from shared.engine.service import Service
from shared.policy import Policy
from tests.facts import PERSON, Fact, told
from tools.services import BY_NAME

Day = str | date


def on(
    day: Day,
    service: Service,
    *facts: Fact,
    policy: Policy | None = None,
    subject: str | None = None,
    used: Mapping[str, int] | None = None,
    refusals: Mapping[str, list[tuple[date, str]]] | None = None,
) -> Assessed:
    """What a service concludes on a day from these facts.

    For an entity such as a practitioner, `used` is how much other cases claim of it, by item. `refusals` says
    why and since when the case's requests were refused.
    """
    return known(service, *facts, policy=policy, subject=subject, used=used, refusals=refusals)(day)


def known(
    service: Service,
    *facts: Fact,
    policy: Policy | None = None,
    subject: str | None = None,
    used: Mapping[str, int] | None = None,
    refusals: Mapping[str, list[tuple[date, str]]] | None = None,
) -> Callable[[Day], Assessed]:
    """What a service concludes on any day from these facts, joined once."""
    of = subject or next((one.subject for one in facts), PERSON)
    file = _joined(service, facts, of, used or {})
    file.case.refusals.update(refusals or {})
    months = {month: file.months.part(month) for month in file.months} if file.months else {}
    values = policy or policy_of(service)
    notices = _notices(service, facts, values)
    return lambda day: Assessed(assess(file.model, file.case, _date(day), values, months, notices))


def decide(
    day: Day,
    service: Service,
    *facts: Fact,
    used: Mapping[tuple[str, str], int] | None = None,
    policy: Policy | None = None,
) -> Finding | Refusal:
    """What a service decides on a day about a person's request, if all entities in these facts are free.

    The person is the subject of the first fact. `used` is how much other cases claim, in the form of
    `claims`: {(the entity's subject, the item): amount}.
    """
    person = facts[0].subject
    (request,) = on(day, service, *facts, policy=policy).requests
    entities = dict.fromkeys(fact.subject for fact in facts if fact.subject != person)
    claimed = {
        entity: {item: amount for (of, item), amount in (used or {}).items() if of == entity}
        for entity in entities
    }
    cases = [_joined(service, facts, entity, claimed[entity]).case for entity in entities]
    assert service.decide is not None, f"{service.name} decides nothing"
    return service.decide(request, cases, _date(day), policy or policy_of(service))


def _notices(service: Service, facts: Sequence[Fact], policy: Policy) -> dict[str, str]:
    """What entities tell every case, by subject; it is the same whatever the day."""
    told_by = {fact.subject for fact in facts if _kind(fact) in service.notices}
    cases = [_joined(service, facts, entity, {}) for entity in sorted(told_by)]
    return {
        file.subject: assess(file.model, file.case, date(2026, 1, 1), policy).overview.notice
        for file in cases
    }


def _joined(service: Service, facts: Sequence[Fact], subject: str, used: Mapping[str, int]) -> CaseFile:
    """The case of a subject, with the facts that are about it."""
    about = [one for one in facts if one.subject == subject]
    model = next(filter(None, (service.model_of(_kind(one)) for one in about)), service.person)
    file = CaseFile(model, subject)
    file.case.used.update(used)
    for one in told(about):
        if service.model_of(_kind(one)) is model:
            event = event_of(one)
            file.join(fact_of(event, language.register_key(event), language.render(event)))
    return file


def _date(day: Day) -> date:
    return date.fromisoformat(day) if isinstance(day, str) else day


class Assessed:
    """Everything that a service concludes about a case on a day; each finding has its own type and key."""

    def __init__(self, assessment: Assessment) -> None:
        self.all: list[Finding] = assessment.findings
        names = [(_type(finding), finding.key) for finding in self.all]
        assert len(names) == len(set(names)), names
        self.monthly: list[Finding] = [
            one for month, found in assessment.by_month.items() if month for one in found
        ]
        self.wake_on: date | None = assessment.wake_on
        self.months_wake_on = min((day for month, day in assessment.wakes.items() if month), default=None)
        self.months_shown: dict[int, Any] = assessment.shown
        self._assessment = assessment
        self._overview: Overview = assessment.overview

    def findings(self, type: str) -> list[Finding]:
        """All findings of a type, standing or not."""
        assert type in CATALOGUE, f"no event is called {type}"
        return [finding for finding in self.all if _type(finding) == type]

    def open(self, type: str) -> dict[str, Any]:
        """The events of the standing findings of a type, by key."""
        return {f.key: f.event for f in self.findings(type) if self.ending(f) is None}

    def closed(self, type: str) -> dict[str, str]:
        """For each finding of a type that stood before, by key: was it resolved, or did it end?"""
        ends = ((f.key, self.ending(f)) for f in self.findings(type))
        return {key: closed for key, closed in ends if closed is not None}

    def one(self, type: str) -> Any:
        """The event of the only standing finding of a type."""
        (event,) = self.open(type).values()
        return event

    def evidence(self, type: str) -> dict[str, list[str]]:
        """The ids of the facts that each finding of a type is based on, by key."""
        return {f.key: evidence(f.because) for f in self.findings(type)}

    def summary(self) -> list[tuple[str, str, str, str]]:
        """Type, key, data and end of every finding, to compare two assessments."""
        return sorted((_type(f), f.key, f.event.model_dump_json(), self.ending(f) or "") for f in self.all)

    def ending(self, finding: Finding) -> str | None:
        """How a finding was closed; None if it stands."""
        return self._assessment.closed(finding)

    @property
    def status(self) -> str:
        return self._overview.status

    @property
    def region(self) -> str | None:
        return self._overview.region

    @property
    def practitioner(self) -> str | None:
        return self._overview.practitioner

    @property
    def shown(self) -> Any:
        return self._overview.shown

    @property
    def requests(self) -> list[Request]:
        return self._overview.requests

    @property
    def claims(self) -> dict[tuple[str, str], int]:
        return self._overview.claims

    @property
    def pools(self) -> tuple[str, ...]:
        return self._overview.pools


@cache
def _policy(name: str) -> Policy:
    return BY_NAME[name].load_policy()


def policy_of(service: Service) -> Policy:
    """The service's policy."""
    return _policy(service.name)


def event_of(fact: Fact) -> CloudEvent[Any]:
    """The event that a feed or a service publishes for a fact."""
    topic = language.topics_of(_kind(fact))[0]
    return CloudEvent(
        specversion="1.0",
        id=fact.id,
        source=language.source_of(topic),
        type=fact.type,
        subject=fact.subject,
        time=fact.recorded,
        data=fact.data,
    )


def _kind(fact: Fact) -> str:
    """The type whose register the fact changes."""
    return getattr(fact.data, "withdrawn_type", fact.type)


def _type(finding: Finding) -> str:
    return type(finding.event).__name__
