"""The four services, for the tools that work with all of them."""

from pathlib import Path

from services.allocation.app import SERVICE as ALLOCATION
from services.contacts.app import SERVICE as CONTACTS
from services.enforcement.app import SERVICE as ENFORCEMENT
from services.referrals.app import SERVICE as REFERRALS

SERVICES = (ALLOCATION, CONTACTS, ENFORCEMENT, REFERRALS)
"""In the order in which the tools speak of them."""

BY_NAME = {service.name: service for service in SERVICES}


def policy_name(path: Path) -> str:
    """How a policy file is called in a folder of such files: by the folder that holds its rules."""
    return f"{path.parent.name}.toml"


_FILES = [*(s.policy for s in SERVICES), *(path for s in SERVICES for path in s.common_policy)]
POLICIES = {policy_name(path): path for path in _FILES}
"""The policy files of the services and of their common rules, by that name."""
