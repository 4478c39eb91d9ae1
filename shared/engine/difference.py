"""What an assessment changes: findings against what stands published, claims against those before."""

from __future__ import annotations

from collections.abc import Mapping

from shared.engine.assessment import Closed, Finding, Reason
from shared.engine.packing import Raised
from shared.engine.publication import Publication, Publisher, finding_data

Concluded = dict[int, list[tuple[Finding, Closed | None]]]
"""Findings by section (see `CASE`), each with how it was closed, if it was."""


def difference(
    concluded: Concluded,
    before: Mapping[str, Raised],
    counters: dict[str, int],
    publisher: Publisher,
    sequence: int,
    reason: Reason,
) -> tuple[list[Publication], dict[int, dict[str, Raised]]]:
    """What to publish so that these findings stand in place of those before, and what then stands.

    `before` is what stands published of all these sections, by "<type> <key>"; `sequence` the number of the
    last publication; `reason` why what no longer holds is withdrawn. `counters` learns how often a key was
    raised that is withdrawn now. Raises `ValueError` for two findings with one type and key.
    """
    standing: dict[str, tuple[int, Finding]] = {}
    closed: dict[str, Reason] = {}
    for section, findings in concluded.items():
        for finding, how in findings:
            name = f"{type(finding.event).__name__} {finding.key}"
            if name in standing or name in closed:
                raise ValueError(f"two findings with one type and key: {name}")
            if how is not None:
                closed[name] = how
            else:
                standing[name] = (section, finding)
    out: list[Publication] = []

    def withdraw(name: str, why: Reason) -> None:
        kind, key = name.split(" ", 1)
        was = before[name]
        counters[name] = was.n
        number = sequence + len(out) + 1
        out.append(publisher.withdrawal(kind, key, was.n, why, was.rules, was.policy, number))

    for name in before:
        if name not in standing:
            withdraw(name, closed.get(name, reason))
    after: dict[int, dict[str, Raised]] = {section: {} for section in concluded}
    for name, (section, finding) in standing.items():
        data = finding_data(finding.event)
        was = before.get(name)
        if was is not None and was.data == data:
            after[section][name] = was
            continue
        if was is not None:
            withdraw(name, "superseded")
        n = counters.get(name, 0) + 1
        after[section][name] = Raised(n, data, finding.rules, finding.policy)
        out.append(publisher.finding(finding, data, n, sequence + len(out) + 1))
    return out, after


def claims_changed(before: Mapping[str, int], after: Mapping[str, int]) -> dict[tuple[str, str], int]:
    """By how much each claim of an entity changed; `before` and `after` by "<entity> <item>"."""
    changes: dict[tuple[str, str], int] = {}
    for name in {*before, *after}:
        change = after.get(name, 0) - before.get(name, 0)
        if change:
            entity, item = name.split(" ", 1)
            changes[entity, item] = change
    return changes
