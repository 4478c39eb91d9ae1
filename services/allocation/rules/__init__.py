"""What the allocation service concludes: of a person, and of a practitioner."""

from services.allocation.rules.deadlines import allocation_due, allocation_overdue
from services.allocation.rules.ending import supervision_ended
from services.allocation.rules.tier import tier_calculated
from services.allocation.rules.workload import practitioner_over_capacity

PERSON_RULES = (tier_calculated, allocation_due, allocation_overdue, supervision_ended)

PRACTITIONER_RULES = (practitioner_over_capacity,)
