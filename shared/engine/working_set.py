"""The cases of one transaction at work, without its I/O: facts in, publications out.

A `WorkingSet` is given the cases that were locked and loaded; it joins and assesses them fact by fact (so
that the history does not depend on where a batch was cut), takes decisions, and holds what is to be saved.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any

import msgspec
from asyncpg import InsufficientPrivilegeError

from schemas.envelope import Withdrawn
from shared.engine.assessment import Reason, Refusal, Request
from shared.engine.budget import OverBudget
from shared.engine.casefile import CaseFile
from shared.engine.decisions import Decision
from shared.engine.joining import Fact, microseconds
from shared.engine.publication import Cause, Publication, Publisher, day_cause
from shared.engine.service import Service
from shared.policy import Policy

ROUNDS = 100
"""In how many rounds one case may be granted something before the engine calls it a fault.

What is granted may change the case's other requests, which then wait for the next round: as many may be
needed as it has requests.
"""

KEYS = 100
"""Among how many keys the one of a decision is looked for: how often the same may have been decided."""


@dataclass
class WorkingSet:
    """The cases of one transaction; see the module's text."""

    service: Service
    policy: Policy
    day: date | None
    """The day reached. Before the first one nothing is assessed: the facts are only joined."""
    people: dict[str, CaseFile] = field(default_factory=dict)
    into: Mapping[str, str] = field(default_factory=dict)
    """In whose case the facts of each person belong, while records are merged."""
    entities: dict[str, CaseFile] = field(default_factory=dict)
    publications: list[Publication] = field(default_factory=list)
    decisions: list[Fact] = field(default_factory=list)
    failures: dict[str, Exception] = field(default_factory=dict)
    changed_pools: set[str] = field(default_factory=set)
    notices: Mapping[str, str] = field(default_factory=dict)
    """What entities tell every case, by their subjects."""
    changed_notices: dict[str, str] = field(default_factory=dict)
    _untold: dict[tuple[str, str], int] = field(default_factory=dict)
    _claimed: dict[str, dict[tuple[str, str], int]] = field(default_factory=dict)
    _changed: dict[str, Cause] = field(default_factory=dict)
    _causes: dict[str, Cause] = field(default_factory=dict)

    def join(self, fact: Fact, subject: str | None = None) -> None:
        """Join one fact to its case (or to the case that its subject was merged into) and assess it."""
        file = self._file(subject or fact.subject)
        if file is None:
            return
        try:
            if self.day is not None and file.is_due(self.day):
                # The day comes before the facts that are joined on it, whichever was locked first.
                self._assess(file, day_cause(self.day))
            file.join(fact)
            self._assess(file, fact.cause)
        except Exception as fault:
            self._fail(file, fault)

    def assess(
        self, subject: str, cause: Cause, reason: Reason = "corrected", *, whole: bool = False
    ) -> None:
        """Assess a case because time passed, or `whole` because its rules or its policy changed."""
        file = self._file(subject)
        if file is None:
            return
        try:
            self._assess(file, cause, reason, whole=whole, case=True)
        except Exception as fault:
            self._fail(file, fault)

    @property
    def reversed(self) -> set[str]:
        """The ids of the decisions withdrawn in this transaction because their reason is gone."""
        return {fact.data.withdraws for fact in self.decisions if fact.type == "Withdrawn"}

    def withdraw_all(self, subject: str, cause: Cause) -> None:
        """Withdraw everything that was published of a case which went into another's."""
        file = self.people[subject]
        if self.day is None:
            return
        self._causes[subject] = cause
        self.publications += file.withdraw_all(self._publisher(file, self.day, cause))
        for claim, change in file.claim().items():
            self._tell(claim, change, cause)

    def move_decisions(
        self, subject: str, own: Sequence[Decision], wanted: Sequence[Decision], cause: Cause, reason: Reason
    ) -> None:
        """Let these decisions stand under a person's name, of which `own` were taken under it."""
        file = self._file(subject)
        if file is None or self.day is None:
            return
        publisher = self._publisher(file, self.day, cause)
        self.publications += file.move_decisions(own, wanted, publisher, reason)

    def _file(self, subject: str) -> CaseFile | None:
        if subject in self.failures:
            return None
        return self.people.get(subject) or self.entities[subject]

    def _publisher(self, file: CaseFile, day: date, cause: Cause) -> Publisher:
        personal = file.model is self.service.person
        return Publisher(self.service.name, file.subject, personal, day, cause, self._limited(file, day))

    def _limited(self, file: CaseFile, day: date) -> bool:
        """Is access limited to the case, or to the one that the person's record went into?"""
        holder = self.people.get(self.into.get(file.subject, file.subject), file)
        return holder.model.limited is not None and holder.model.limited(holder.case, day)

    def _assess(
        self,
        file: CaseFile,
        cause: Cause,
        reason: Reason = "corrected",
        *,
        whole: bool = False,
        case: bool = False,
    ) -> None:
        if self.day is None:
            file.assessed_on = None  # all of it is assessed when there is a day
            return
        pools = file.pools
        self._causes[file.subject] = cause
        file.notices = self.notices
        publisher = self._publisher(file, self.day, cause)
        self.publications += file.assess(self.policy, publisher, reason, whole=whole, case=case)
        changes = file.claim()
        if changes:
            claimed = self._claimed.setdefault(file.subject, {})
            for claim, change in changes.items():
                claimed[claim] = claimed.get(claim, 0) + change
                self._tell(claim, change, cause)
        if file.subject in self.entities:
            self.changed_pools.update(pools, file.pools)
            self._notice(file)
        self._reverse(file, publisher)

    def _notice(self, file: CaseFile) -> None:
        """Note what an entity tells every case, if that has changed."""
        if file.overview is None:
            return
        notice = file.overview.notice
        if notice != self.notices.get(file.subject, ""):
            self.changed_notices[file.subject] = notice
        else:
            self.changed_notices.pop(file.subject, None)

    def _reverse(self, file: CaseFile, publisher: Publisher) -> None:
        """Withdraw the decisions of a case whose reason is gone, and assess it without them."""
        reversals = file.overview.reversals if file.overview else []
        if not reversals or self.service.decide is None or self.service.decision_keys is None:
            return
        for reversal in reversals:
            keys = [*islice(self.service.decision_keys(reversal.decision), KEYS)]
            published, recorded = file.reverse(reversal, keys, publisher)
            if published is not None:
                self.publications.append(published)
            data = Withdrawn.model_validate_json(bytes(_read(recorded.value).data))
            fact = self._own_fact(file, recorded, data, publisher.cause, key=data.withdraws)
            self.decisions.append(fact)
            file.join(fact)
        self._assess(file, fact.cause)

    def _own_fact(self, file: CaseFile, published: Publication, data: Any, cause: Cause, *, key: str) -> Fact:
        """What the service itself decided, as a fact."""
        return Fact(
            id=published.id,
            source=self.service.source,
            type=published.type,
            subject=file.subject,
            recorded=microseconds(published.at),
            data=data,
            key=key,
            cause=Cause(
                published.id, published.at, cause.correlation, cause.traceparent, self.service.source
            ),
            body=published.value,
        )

    def give_back(self, claims: Mapping[str, int], cause: Cause) -> None:
        """Tell entities that cases which are no more claim nothing of them; by "<entity> <item>"."""
        for name, amount in claims.items():
            entity, item = name.split(" ", 1)
            self._tell((entity, item), -amount, cause)

    def _tell(self, claim: tuple[str, str], change: int, cause: Cause) -> None:
        self._untold[claim] = self._untold.get(claim, 0) + change
        self._changed[claim[0]] = cause

    def _fail(self, file: CaseFile, fault: Exception) -> None:
        """Leave the case as the database has it; other people's cases go on."""
        self.failures[file.subject] = fault
        for claim, change in self._claimed.pop(file.subject, {}).items():
            self._tell(claim, -change, self._causes[file.subject])
        self.changed_notices.pop(file.subject, None)
        self.publications = [p for p in self.publications if p.subject != file.subject]
        self.decisions = [d for d in self.decisions if d.subject != file.subject]

    # -- entities --------------------------------------------------------------------------------

    @property
    def requests(self) -> list[tuple[CaseFile, Request]]:
        """The requests of the people's cases, in the order in which the cases came."""
        if self.service.decide is None:
            return []
        return [
            (file, request)
            for subject, file in self.people.items()
            if subject not in self.failures
            for request in file.requests
        ]

    @property
    def pools_asked(self) -> set[str]:
        """The pools in which the requests look for entities."""
        return {pool for _, request in self.requests for pool in request.pools}

    @property
    def entities_claimed(self) -> set[str]:
        """The entities of which a claim changed and which have not been told yet."""
        return set(self._changed)

    def settle(self) -> None:
        """Tell the entities at hand what is now claimed of them, and those of which they claim something."""
        while told := {
            entity: self._changed.pop(entity)
            for entity in sorted(self._changed.keys() & self.entities.keys())
        }:
            for (entity, item), change in sorted(self._untold.items()):
                if entity in self.entities and change:
                    self.entities[entity].use(item, change)
                    self._untold[entity, item] = 0
            for entity, cause in told.items():
                self.assess(entity, cause)

    def decide(self) -> None:
        """Grant the requests that can be granted from the entities at hand, in order."""
        if self.service.decide is None or self.day is None:
            return
        for subject, entity in self.entities.items():
            if entity.is_due(self.day):
                self.assess(subject, day_cause(self.day))
        rounds: Counter[str] = Counter()
        while granted := {f.subject: f for f, request in self.requests if self._grant(f, request)}:
            rounds.update(granted.keys())
            for subject, file in granted.items():
                if rounds[subject] >= ROUNDS and file.requests:
                    self._fail(file, RuntimeError("its requests do not come to an end"))

    def _grant(self, file: CaseFile, request: Request) -> bool:
        assert self.service.decide is not None
        assert self.day is not None
        if file.subject in self.failures or request not in file.requests:
            return False
        offers = [
            entity.case
            for subject, entity in sorted(self.entities.items())
            if subject not in self.failures and not set(entity.pools).isdisjoint(request.pools)
        ]
        try:
            decision = self.service.decide(request, offers, self.day, self.policy)
            cause = self._causes[file.subject]
            if isinstance(decision, Refusal):
                if file.refuse(request, decision.reason, self.day):
                    self._assess(file, cause, case=True)  # its rules may speak of the reason
                    self.settle()
                return False
            published = file.decide(decision, self._publisher(file, self.day, cause))
            self.publications.append(published)
            fact = self._own_fact(file, published, decision.event, cause, key=published.id)
            self.decisions.append(fact)
            file.join(fact)
            self._assess(file, fact.cause)
        except Exception as fault:
            self._fail(file, fault)
            return False
        self.settle()
        return True


class _Envelope(msgspec.Struct):
    data: msgspec.Raw


_read = msgspec.json.Decoder(_Envelope).decode


def waiting(file: CaseFile) -> list[str] | None:
    """The pools that the case's requests wait for; None if it has none."""
    requests = file.requests
    if not requests:
        return None  # the common case
    return sorted({pool for request in requests for pool in request.pools}) or None


def describe(fault: Exception) -> str:
    """Which fault and where, without the values that its text may speak of."""
    if isinstance(fault, OverBudget):
        return str(fault)
    if isinstance(fault, InsufficientPrivilegeError):  # names a table, and no value
        return f"{fault}: `probation db migrate` grants the role what it needs"
    place = fault.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f" in {place.tb_frame.f_code.co_name}, line {place.tb_lineno}" if place else ""
    return f"{type(fault).__name__}{where}"
