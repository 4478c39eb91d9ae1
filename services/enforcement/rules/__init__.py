"""What the enforcement service concludes."""

from services.enforcement.recall.rules import (
    recall_considered,
    recall_considered_in_custody,
    recall_deadline_missed,
    recall_type_determined,
)
from services.enforcement.rules.absences import absence_decision_overdue, manager_review_required
from services.enforcement.rules.answers import (
    enforcement_action_overdue,
    enforcement_action_required,
    warning_letter_overdue,
)
from services.enforcement.rules.breach import (
    breach_concluded,
    breach_required,
    breach_started,
    breach_withdrawal_due,
)
from services.enforcement.rules.licences import licence_action_overdue, licence_action_required
from services.enforcement.rules.steps import breach_information_overdue, breach_pack_overdue
from services.enforcement.rules.warnings import warning_incomplete, warning_withdrawn

RULES = (
    absence_decision_overdue,
    manager_review_required,
    warning_letter_overdue,
    enforcement_action_required,
    enforcement_action_overdue,
    warning_incomplete,
    warning_withdrawn,
    breach_required,
    breach_pack_overdue,
    breach_information_overdue,
    breach_started,
    breach_withdrawal_due,
    breach_concluded,
    licence_action_required,
    licence_action_overdue,
    recall_considered,
    recall_considered_in_custody,
    recall_deadline_missed,
    recall_type_determined,
)
