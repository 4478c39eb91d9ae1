"""Which rules and which policy assessed a case."""

import hashlib
from pathlib import Path

from shared import calendar, policy, policy_file
from shared.engine.service import Service
from shared.policy import Policy


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
