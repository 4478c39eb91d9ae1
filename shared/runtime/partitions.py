"""Whether the topics have the numbers of partitions that they should have."""

from __future__ import annotations

from collections.abc import Mapping

from shared.aiokafka_internals import Topic

_REMEDY = (
    "a person's events may be in two partitions now. Give all topics about people the same number, set "
    "PROBATION_KAFKA_PARTITIONS to it and start all services again; see docs/operations.md"
)


def wrong_number(now: Mapping[str, Topic], before: Mapping[str, Topic], intended: int | None) -> str | None:
    """What is wrong with the numbers of partitions, if anything.

    A topic that is not new must have as many as `before`, or as many as `intended` if people have set that:
    otherwise keys have moved. All topics with more than one must have the same number: otherwise one instance
    does not see all events about a person.
    """
    for name, topic in sorted(now.items()):
        known = before.get(name, topic)
        if known.id == topic.id and topic.partitions not in (known.partitions, intended):
            return f"topic {name} has {topic.partitions} partitions instead of {known.partitions}: {_REMEDY}"
    numbers = {topic.partitions: name for name, topic in sorted(now.items()) if topic.partitions > 1}
    if len(numbers) > 1:
        shown = ", ".join(f"{name} {number}" for number, name in sorted(numbers.items()))
        return f"topics have different numbers of partitions ({shown}): {_REMEDY}"
    return None
