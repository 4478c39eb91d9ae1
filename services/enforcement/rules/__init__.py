"""What the enforcement service concludes."""

from services.enforcement.recall.rules import (
    recall_considered,
    recall_considered_in_custody,
    recall_deadline_missed,
    recall_type_determined,
)
from services.enforcement.rules.absences import absence_decision_overdue
from services.enforcement.rules.answers import enforcement_action_required, warning_letter_overdue
from services.enforcement.rules.breach import breach_concluded, breach_required, breach_started
from services.enforcement.rules.licences import licence_action_required

RULES = (
    absence_decision_overdue,
    warning_letter_overdue,
    enforcement_action_required,
    breach_required,
    breach_started,
    breach_concluded,
    licence_action_required,
    recall_considered,
    recall_considered_in_custody,
    recall_deadline_missed,
    recall_type_determined,
)
