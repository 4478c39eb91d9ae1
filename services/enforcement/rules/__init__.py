"""What the enforcement service concludes."""

from services.enforcement.rules.absences import absence_decision_overdue
from services.enforcement.rules.answers import enforcement_action_required, warning_letter_overdue
from services.enforcement.rules.breach import breach_concluded, breach_required, breach_started

RULES = (
    absence_decision_overdue,
    warning_letter_overdue,
    enforcement_action_required,
    breach_required,
    breach_started,
    breach_concluded,
)
