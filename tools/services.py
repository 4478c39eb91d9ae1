"""The four services, for the tools that work with all of them."""

from pathlib import Path

from services.allocation.app import SERVICE as ALLOCATION
from services.contacts.app import SERVICE as CONTACTS
from services.enforcement.app import SERVICE as ENFORCEMENT
from services.referrals.app import SERVICE as REFERRALS

SERVICES = (ALLOCATION, CONTACTS, ENFORCEMENT, REFERRALS)
"""In the order in which the tools list them."""

BY_NAME = {service.name: service for service in SERVICES}


def policy_name(path: Path) -> str:
    """The name of a policy file in a folder of policy files: that of the folder it comes from."""
    return f"{path.parent.name}.toml"


_FILES = [*(s.policy for s in SERVICES), *(path for s in SERVICES for path in s.common_policy)]
POLICIES = {policy_name(path): path for path in _FILES}
"""The policy files of the services and of the common rules, by that name."""
