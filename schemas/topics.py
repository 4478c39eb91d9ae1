"""The topics, who publishes on each, and their names in Kafka. They are named here and nowhere else."""

SOURCES: dict[str, str] = {
    "court": "/feeds/court",
    "prison": "/feeds/prison",
    "practice": "/feeds/practice",
    "providers": "/feeds/providers",
    "workforce": "/feeds/workforce",
    "clock": "/services/ticker",
    "allocation": "/services/allocation",
    "contacts": "/services/contacts",
    "enforcement": "/services/enforcement",
    "referrals": "/services/referrals",
}
"""Who may publish on a topic: topic -> ``source``."""

TOPICS: tuple[str, ...] = tuple(SOURCES)
"""Short names of the topics that carry events."""

SERVICES: tuple[str, ...] = ("allocation", "contacts", "enforcement", "referrals")
"""The services that publish; each has a topic of its name, and others for what stands and dead letters."""


def topic_name(short: str, prefix: str = "probation.") -> str:
    """The name of a topic in Kafka. Raises ``KeyError`` if there is no such topic."""
    SOURCES[short]
    return prefix + short


def dead_letter_topic(service: str, prefix: str = "probation.") -> str:
    """The name in Kafka of the topic for messages that a service refused."""
    return f"{prefix}{service}.dead-letter"


def standing_topic(service: str, prefix: str = "probation.") -> str:
    """The name in Kafka of the compacted topic with the events of a service that stand, by their ids."""
    return f"{prefix}{service}.standing"


def warning_topic(service: str, prefix: str = "probation.") -> str:
    """The name in Kafka of the topic for warnings about messages that a service took."""
    return f"{prefix}{service}.warning"


def partitions(short: str, count: int = 12) -> int:
    """How many partitions a topic has.

    Topics that carry a person's events all have the same number, so that one instance of a service sees all
    events about one person. The clock has a single partition, because days must be read in order.
    """
    return 1 if short == "clock" else count
