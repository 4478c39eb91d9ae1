"""What the allocation service concludes: of a person, of a practitioner, and of a region."""

from services.allocation.rules.changes import case_transferred
from services.allocation.rules.deadlines import allocation_due, allocation_overdue
from services.allocation.rules.ending import supervision_ended
from services.allocation.rules.release import handover_due, pre_release_task_due, pre_release_task_overdue
from services.allocation.rules.reviews import allocation_review_required, early_end_eligible
from services.allocation.rules.teams import team_over_capacity
from services.allocation.rules.tier import tier_calculated
from services.allocation.rules.workload import practitioner_over_capacity

PERSON_RULES = (
    tier_calculated,
    allocation_due,
    allocation_overdue,
    handover_due,
    pre_release_task_due,
    pre_release_task_overdue,
    case_transferred,
    allocation_review_required,
    early_end_eligible,
    supervision_ended,
)

PRACTITIONER_RULES = (practitioner_over_capacity,)

REGION_RULES = (team_over_capacity,)
