"""The four services, for the tools that work with all of them."""

from services.allocation.app import SERVICE as ALLOCATION
from services.contacts.app import SERVICE as CONTACTS
from services.enforcement.app import SERVICE as ENFORCEMENT
from services.referrals.app import SERVICE as REFERRALS

SERVICES = (ALLOCATION, CONTACTS, ENFORCEMENT, REFERRALS)
"""In the order in which the tools list them."""

BY_NAME = {service.name: service for service in SERVICES}
