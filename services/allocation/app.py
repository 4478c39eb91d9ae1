"""The allocation service: who supervises whom, and until when."""

from pathlib import Path

from services.allocation.case import PERSON, PRACTITIONER, AllocationCase, PractitionerCase
from services.allocation.rules import assess_person, assess_practitioner
from services.allocation.rules.choice import choose
from shared.engine.service import CaseModel, Service

_HERE = Path(__file__).parent

SERVICE = Service(
    name="allocation",
    reads=("court", "prison", "practice", "workforce", "clock"),
    person=CaseModel(kind="person", case=AllocationCase, registers=PERSON, assess=assess_person),
    shared=(
        CaseModel(
            kind="practitioner", case=PractitionerCase, registers=PRACTITIONER, assess=assess_practitioner
        ),
    ),
    decide=choose,
    merged_by="PersonMerged",
    policy=_HERE / "policy.toml",
    migrations=_HERE / "migrations",
)
