"""The groups that people belong to, so that a disparity between groups can be explained or reformed."""

from __future__ import annotations

from typing import Any

from schemas.envelope import CloudEvent
from shared.answers.standing import Standing

GROUPS = {
    "women": "Women",
    "minority_ethnic": "People from minority ethnic groups",
    "young_adult": "Young adults",
    "older_person": "Older people",
    "learning_difficulty": "People with learning difficulties",
    "care_leaver": "Care leavers",
}
"""The groups that a court records of a person (EQ-2, DF-9). Everybody else includes those not recorded."""

REPORT_GROUPS = {
    "complex": "Complex cases",
    "short_custody": "Cases in which short custody is in view",
}
"""The groups of reports to courts that are looked at beside those of people (CRT-2)."""


def groups_of(found: Standing) -> dict[str, tuple[str, ...]]:
    """The groups of each person, as the court that saw them last recorded."""
    latest: dict[str, CloudEvent[Any]] = {}
    seen = found.facts("SentenceImposed", "PreSentenceReportRequested")
    for fact in sorted(seen, key=lambda fact: (_day(fact), fact.recorded, fact.id)):
        latest[found.person(fact.subject)] = fact
    return {person: described(fact.data.person) for person, fact in latest.items()}


def described(person: Any) -> tuple[str, ...]:
    """The groups of a person whom a court describes."""
    return tuple(sorted({*person.cohorts, *(["women"] if person.sex == "female" else [])}))


def _day(fact: CloudEvent[Any]) -> Any:
    return fact.data.imposed_on if fact.type == "SentenceImposed" else fact.data.requested_on
