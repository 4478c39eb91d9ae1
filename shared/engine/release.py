"""Which rules, policy and notices assess the cases, and whether other rules are at work by now."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from shared import calendar, policy, policy_file
from shared.engine.intake import Language
from shared.engine.service import Service
from shared.engine.storage import Clock, Transaction
from shared.policy import Policy


class Superseded(Exception):
    """A newer release of rules and policy is at work on this database; this one must stop."""


@dataclass
class Release:
    """A service with its language and its policy.

    `digest` names its rules and its policy; `number` counts what was at work on one database: rules,
    policies, and what entities told every case.
    """

    service: Service
    language: Language
    policy: Policy
    number: int = 0
    digest: str = ""

    @property
    def cause(self) -> str:
        """The name of what follows from a change of rules or policy alone."""
        return f"release-{self.number}"

    async def clock(self, transaction: Transaction, people: Collection[str] = ()) -> Clock:
        """The clock as it stands. Raises `Superseded` if other rules or another policy are at work by now."""
        clock = await transaction.clock(people)
        if clock.digest == self.digest:
            self.number = clock.release
        elif clock.release > self.number:
            raise Superseded(f"release {clock.release} of rules and policy is newer than {self.number}")
        return clock


def release_digest(service: Service, values: Policy) -> str:
    """A digest that changes with the rules' code, the shared calendar or the policy's values.

    The rules are the service's own and those that it shares with others.

    A running service whose database was assessed under another digest assesses every case again.
    """
    digest = hashlib.sha256(values.digest.encode())
    homes = [path.parent for path in (service.policy, *service.common_policy)]
    shared = [Path(m.__file__ or "") for m in (calendar, policy, policy_file)]
    holidays = [p for m in shared for p in sorted(m.parent.glob("*.toml"))]
    for path in [*(p for home in homes for p in sorted(home.rglob("*.py"))), *shared, *holidays]:
        digest.update(path.read_bytes())
    return digest.hexdigest()
