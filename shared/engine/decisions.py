"""Decisions under the name of the person whose case they belong to.

A decision is published under the person for whom it was taken, and recorded as a fact of that person. When
the record goes into another's, what stands published moves with it: it is withdrawn under the one name and
published under the other, and back again if the merge is voided. The fact stays what and where it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from shared.engine.assessment import Finding, Reason
from shared.engine.case import Record
from shared.engine.joining import Fact
from shared.engine.packing import Raised
from shared.engine.publication import Publication, Publisher, event_id, finding_data
from shared.engine.service import Service


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision in the journal, with the key under which it was taken."""

    key: str
    fact: Fact

    @property
    def name(self) -> str:
        """What identifies it among what is published of a case: "<type> <key>"."""
        return f"{self.fact.type} {self.key}"

    @property
    def finding(self) -> Finding:
        """The decision as it is published."""
        why = self.fact.data.why
        because = [Record(event_id=id) for id in why.evidence]
        return Finding(
            event=self.fact.data, key=self.key, rules=tuple(why.rules), because=because, policy=why.policy
        )


def decisions_in(service: Service, facts: Iterable[Fact]) -> list[Decision]:
    """The decisions among these facts that the service published, in order.

    The journal does not hold a decision's key: it is the one of `decision_keys` that gives the event its id.
    A fact to which no key gives its id was never published.
    """
    taken = [fact for fact in facts if fact.source == service.source]
    return [Decision(key, fact) for fact in taken if (key := _key(service, fact, len(taken))) is not None]


def _key(service: Service, fact: Fact, limit: int) -> str | None:
    keys = service.decision_keys(fact.data) if service.decision_keys else ()
    ids = ((key, event_id(service.name, fact.type, fact.subject, key, "1")) for key in islice(keys, limit))
    return next((key for key, id in ids if id == fact.id), None)


def moved(
    own: Sequence[Decision],
    wanted: Sequence[Decision],
    published: Mapping[str, Raised],
    counters: dict[str, int],
    publisher: Publisher,
    sequence: int,
    reason: Reason,
) -> tuple[list[Publication], dict[str, Raised]]:
    """What to publish so that the wanted decisions stand under a name, and what then stands there by moving.

    `own` were taken under that name: each stands since then unless it was withdrawn. `published` are those
    that stand because they were moved there; `counters`, `sequence` and `reason` as in `difference`.
    """
    standing = dict(published)
    for decision in own:
        if decision.name not in standing and decision.name not in counters:
            standing[decision.name] = _raised(decision, 1)
    after = dict(published)
    out: list[Publication] = []
    names = {decision.name for decision in wanted}
    for name, was in standing.items():
        if name not in names:
            kind, key = name.split(" ", 1)
            number = sequence + len(out) + 1
            out.append(publisher.withdrawal(kind, key, was, reason, number))
            counters[name] = was.n
            after.pop(name, None)
    for decision in wanted:
        if decision.name not in standing:
            raised = after[decision.name] = _raised(decision, counters.get(decision.name, 0) + 1)
            number = sequence + len(out) + 1
            out.append(publisher.finding(decision.finding, raised.data, raised.n, number))
    return out, after


def _raised(decision: Decision, n: int) -> Raised:
    finding = decision.finding
    return Raised(n, finding_data(finding.event), finding.rules, finding.policy)
