"""The allocation service: who supervises whom, and until when."""

from pathlib import Path

from services.allocation.case import PERSON, PRACTITIONER, AllocationCase, PractitionerCase
from services.allocation.rules import (
    PERSON_RULES,
    PRACTITIONER_RULES,
    PersonView,
    PractitionerView,
    person_overview,
    practitioner_overview,
)
from services.allocation.rules.choice import choose
from shared.engine.service import CaseModel, Service

_HERE = Path(__file__).parent

SERVICE = Service(
    name="allocation",
    reads=("court", "prison", "practice", "workforce", "clock"),
    person=CaseModel(
        kind="person",
        case=AllocationCase,
        registers=PERSON,
        view=PersonView,
        rules=PERSON_RULES,
        overview=person_overview,
    ),
    entities=(
        CaseModel(
            kind="practitioner",
            case=PractitionerCase,
            registers=PRACTITIONER,
            view=PractitionerView,
            rules=PRACTITIONER_RULES,
            overview=practitioner_overview,
        ),
    ),
    decide=choose,
    merged_by="PersonMerged",
    policy=_HERE / "policy.toml",
    migrations=_HERE / "migrations",
)
