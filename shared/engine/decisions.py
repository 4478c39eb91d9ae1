"""Decisions under the name of the person whose case they belong to.

A decision is published under the person for whom it was taken, and recorded as a fact of that person. When
the record goes into another's, what stands published moves with it: it is withdrawn under the one name and
published under the other, and back again if the merge is voided. The fact stays what and where it is. Both
records may have decided the same, as of a sentence that both had: then the later decision stands.

A decision whose reason is gone is withdrawn, and that is a fact as well: it is never taken up again, and the
same key may be decided anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from msgspec.structs import replace

from shared.engine.assessment import Finding, Reason, Reversal
from shared.engine.case import Record
from shared.engine.joining import Fact
from shared.engine.packing import Raised, StoredCase
from shared.engine.publication import Publication, Publisher, event_id, finding_data
from shared.engine.service import Service


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision in the journal, with the key under which it was taken, for the n-th time."""

    key: str
    n: int
    fact: Fact

    @property
    def name(self) -> str:
        """What identifies it among what is published of a case: "<type> <key>"."""
        return f"{self.fact.type} {self.key}"

    @property
    def finding(self) -> Finding:
        """The decision as it is published."""
        why = self.fact.data.why
        sources = why.sources or [""] * len(why.evidence)
        because = [
            Record(event_id=id, source=source) for id, source in zip(why.evidence, sources, strict=False)
        ]
        return Finding(
            event=self.fact.data, key=self.key, rules=tuple(why.rules), because=because, policy=why.policy
        )


def decisions_in(service: Service, facts: Sequence[Fact]) -> list[Decision]:
    """The decisions among these facts that the service published, in order, without those that were reversed.

    The journal does not hold a decision's key: it is the one of `decision_keys` that gives the event its id.
    A fact to which no key gives its id was never published.
    """
    own = [fact for fact in facts if fact.source == service.source]
    reversed_ = {fact.data.withdraws for fact in own if fact.type == "Withdrawn"}
    taken = [fact for fact in own if fact.type != "Withdrawn"]
    keys = service.decision_keys
    found = []
    for fact in taken:
        name = keys and key_of(service.name, fact.type, fact.subject, keys(fact.data), fact.id, len(taken))
        if name and fact.id not in reversed_:
            found.append(Decision(*name, fact))
    return found


def key_of(
    service: str, kind: str, subject: str, keys: Iterable[str], id: str, limit: int
) -> tuple[str, int] | None:
    """The key of a decision with that id, and how often the key was decided with it; at most so often."""
    for key in islice(keys, limit):
        for n in range(1, limit + 1):
            if event_id(service, kind, subject, key, str(n)) == id:
                return key, n
    return None


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
        if decision.name not in standing and counters.get(decision.name, 0) < decision.n:
            standing[decision.name] = _raised(decision, decision.n)
    after = dict(published)
    out: list[Publication] = []

    def withdraw(name: str, why: Reason) -> None:
        kind, key = name.split(" ", 1)
        was = standing[name]
        out.append(publisher.withdrawal(kind, key, was, why, sequence + len(out) + 1))
        counters[name] = was.n
        after.pop(name, None)

    names = {decision.name: decision for decision in sorted(wanted, key=lambda one: one.fact.stamp)}
    for name in standing:
        if name not in names:
            withdraw(name, reason)
    for name, decision in names.items():
        if name in standing:
            if standing[name].data == finding_data(decision.finding.event):
                continue
            withdraw(name, "superseded")
        raised = after[name] = _raised(decision, counters.get(name, 0) + 1)
        number = sequence + len(out) + 1
        published_here = publisher.finding(decision.finding, raised.data, raised.n, number)
        out.append(replace(published_here, decision="moved"))
    return out, after


def reversed_by(
    reversal: Reversal,
    subject: str,
    keys: Sequence[str],
    stored: StoredCase[Any],
    publisher: Publisher,
    number: int,
) -> tuple[Publication | None, Publication]:
    """Withdraw a decision of a case, as `number`: what is published, and the event to be recorded.

    Nothing is published if it does not stand. `keys` as in `CaseFile.reverse`: for one taken under this name
    the id says which of them it is.
    """
    kind, id = reversal.type, reversal.decision.event_id
    own = key_of(publisher.service, kind, subject, keys, id, len(keys))
    key, n = own or ("", 0)
    possible = [key] if own else keys
    moved_here = next((key for key in possible if f"{kind} {key}" in stored.decisions), None)
    gone = Raised(n, b"", reversal.rules, reversal.policy)
    recorded = publisher.withdrawal(kind, key, gone, "corrected", number, withdraws=id)
    if moved_here is not None:
        was = stored.decisions.pop(f"{kind} {moved_here}")
        stored.counters[f"{kind} {moved_here}"] = was.n
        return publisher.withdrawal(kind, moved_here, was, "corrected", number), recorded
    if own is not None and stored.counters.get(f"{kind} {key}", 0) < n:
        stored.counters[f"{kind} {key}"] = n
        return replace(recorded, decision="taken"), recorded
    return None, recorded


def _raised(decision: Decision, n: int) -> Raised:
    finding = decision.finding
    return Raised(n, finding_data(finding.event), finding.rules, finding.policy)
