"""Which facts of a batch go into which transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from shared.engine.entries import gives_notice, merges
from shared.engine.erasing import erases
from shared.engine.joining import Fact
from shared.engine.service import Service

Step = list[list[Fact]]
"""Transactions that may run at once."""


def plan(facts: Iterable[Fact], service: Service, size: int) -> list[Step]:
    """The facts in steps that follow each other, in transactions of about `size`.

    A merge of two people's records is a transaction of its own, and so are an erasure and what all are told.
    """
    steps: list[Step] = []
    run: list[Fact] = []
    for fact in facts:
        if merges(service, fact) or erases(service, fact) or gives_notice(service, fact):
            steps += [*_split(run, service, size), [[fact]]]
            run = []
        else:
            run.append(fact)
    return steps + _split(run, service, size)


def _split(facts: Sequence[Fact], service: Service, size: int) -> list[Step]:
    if not facts:
        return []
    if len(facts) <= size:
        return [[list(facts)]]
    if service.shares:
        # Two at once would only wait for each other at the entities, and other instances for both.
        return [[list(facts[first : first + size])] for first in range(0, len(facts), size)]
    return [_by_person(facts, -(-len(facts) // size))]


def _by_person(facts: Sequence[Fact], number: int) -> Step:
    """The facts in so many transactions, all facts of one person in the same."""
    # What comes again under another name stays with the first: that one counts, as in a small batch.
    first: dict[tuple[str, str], str] = {}
    people: dict[str, list[Fact]] = {}
    for fact in facts:
        subject = first.setdefault((fact.source, fact.id), fact.subject)
        people.setdefault(subject, []).append(fact)
    # One person after the other, whose case then is at hand in the processor's cache.
    transactions: Step = [[] for _ in range(number)]
    for n, own in enumerate(people.values()):
        transactions[n % number] += own
    return transactions
