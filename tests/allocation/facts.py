"""Facts about a person and practitioners, as the feeds tell them, and what allocation concludes from them."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar

from schemas import catalogue
from schemas.allocation import CaseAllocated
from schemas.court import Court, Person, Requirement, SentenceImposed, SentenceRevoked, SentenceVaried
from schemas.envelope import Data
from schemas.practice import (
    ManagerDecisionRecorded,
    Mappa,
    PersonDied,
    PractitionerChangeRequested,
    RiskAssessed,
    ScoredNeed,
)
from schemas.prison import PersonLeftCustody, PersonReleased, PersonTakenIntoCustody
from schemas.workforce import PractitionerUpdated
from services.allocation.app import SERVICE
from services.allocation.case import PERSON, PRACTITIONER, AllocationCase, PractitionerCase
from shared.engine.assessment import Finding
from shared.engine.case import Case, Registers
from shared.engine.casebook import Assessment, assess
from shared.policy import Policy

C = TypeVar("C", bound=Case)
POLICY = SERVICE.load_policy()


def day(text: str | date) -> date:
    return date.fromisoformat(text) if isinstance(text, str) else text


def policy_with(tmp_path: Path, old: str, new: str) -> Policy:
    """The service's policy file with one text in it replaced by another."""
    text = SERVICE.policy.read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "policy.toml"
    file.write_text(text.replace(old, new), encoding="utf-8")
    return SERVICE.load_policy(file)


def imposed(
    on: str | date,
    ends: str | date | None = None,
    id: str = "S1",
    requires: tuple[Any, ...] = ("rar",),
    pdu: str = "Camden",
    kind: Any = None,
) -> SentenceImposed:
    """A community order until `ends`; without it a custodial sentence."""
    return SentenceImposed(
        sentence_id=id,
        kind=kind or ("community_order" if ends else "custodial"),
        imposed_on=day(on),
        ends_on=day(ends) if ends else None,
        custodial_days=None if ends else 180,
        court=Court(name="Leeds", level="crown"),
        region="london",
        pdu=pdu,
        requirements=requirements(*requires) if ends else [],
        person=Person(born_on=date(1990, 1, 1), sex="male"),
        partner_violence=False,
        sexual_offence=False,
        extremism_offence=False,
    )


def requirements(*kinds: Any) -> list[Requirement]:
    return [
        Requirement(requirement_id=f"R{n}", kind=kind, amount=20 if kind in ("rar", "unpaid_work") else None)
        for n, kind in enumerate(kinds, 1)
    ]


def varied(on: str | date, ends: str | date, id: str = "S1", requires: tuple[Any, ...] = ("rar",)) -> Data:
    return SentenceVaried(
        sentence_id=id, varied_on=day(on), ends_on=day(ends), requirements=requirements(*requires)
    )


def revoked(on: str | date, reason: Any = "breach", id: str = "S1") -> Data:
    return SentenceRevoked(sentence_id=id, revoked_on=day(on), reason=reason)


def released(on: str | date, licence: str | date, pss: str | date | None = None, id: str = "S1") -> Data:
    return PersonReleased(
        sentence_id=id,
        released_on=day(on),
        licence_ends_on=day(licence),
        pss_ends_on=day(pss) if pss else None,
    )


def recalled(on: str | date, custody: str = "C1", reason: Any = "recall", id: str | None = "S1") -> Data:
    return PersonTakenIntoCustody(custody_id=custody, taken_on=day(on), reason=reason, sentence_id=id)


def left(on: str | date, custody: str = "C1") -> Data:
    return PersonLeftCustody(custody_id=custody, left_on=day(on))


def died(on: str | date) -> Data:
    return PersonDied(died_on=day(on))


def assessed(
    on: str | date,
    rosh: Any = "medium",
    id: str = "A1",
    rsr: float | None = 1.0,
    ogrs: int | None = 0,
    mappa: int | None = None,
    needs: dict[str, str] | None = None,
    flags: int = 0,
    iom: bool = False,
) -> RiskAssessed:
    return RiskAssessed.model_validate(
        {
            "assessment_id": id,
            "assessed_on": day(on),
            "rosh": rosh,
            "rsr": rsr,
            "ogrs": ogrs,
            "mappa": Mappa.model_validate({"level": mappa, "category": 1}) if mappa else None,
            "needs": [
                ScoredNeed.model_validate({"need": n, "severity": s}) for n, s in (needs or {}).items()
            ],
            "complexity_flags": flags,
            "integrated_offender_management": iom,
        }
    )


def practitioner(
    id: str = "P1",
    on: str | date = "2020-01-01",
    hours: float = 37.0,
    active: bool = True,
    pdu: str = "Camden",
    team: Any = "generic",
) -> PractitionerUpdated:
    return PractitionerUpdated(
        practitioner_id=id,
        region="london",
        pdu=pdu,
        team=team,
        grade="po",
        weekly_hours=hours,
        sex="female",
        active=active,
        effective_on=day(on),
    )


def allocated(on: str | date, to: str = "P1", id: str = "S1", reason: Any = "new") -> CaseAllocated:
    """A decision of the service itself, as its journal holds it."""
    return CaseAllocated(
        sentence_id=id,
        practitioner_id=to,
        team="generic",
        region="london",
        pdu="Camden",
        allocated_on=day(on),
        late=False,
        reason=reason,
        workload_percent_before=0.0,
        workload_percent_after=0.0,
    )


def change(on: str | date, id: str | None = None, change: str = "K1", voided: bool = False) -> Data:
    """Another practitioner is asked for, for one sentence or for all."""
    return PractitionerChangeRequested(
        change_id=change, sentence_id=id, reason="conflict", requested_on=day(on), voided=voided
    )


def managed(
    on: str | date, approved: bool, id: str = "S1", about: Any = "practitioner_change", decision: str = "M1"
) -> Data:
    """A manager's decision."""
    return ManagerDecisionRecorded(
        decision_id=decision, about=about, sentence_id=id, approved=approved, decided_on=day(on)
    )


def person(*facts: Data) -> AllocationCase:
    """A person of whom these facts are known, each recorded on its own business date or just given."""
    return join(AllocationCase(subject="X1"), PERSON, *facts)


def colleague(*facts: PractitionerUpdated, points: int = 0) -> PractitionerCase:
    """A practitioner with these records, who holds cases of so many points."""
    used = {"points": points} if points else {}
    return join(PractitionerCase(subject=facts[0].practitioner_id, used=used), PRACTITIONER, *facts)


def join(case: C, registers: Registers, *facts: Data) -> C:
    """Put facts into a case the way the engine does, each recorded after those before it."""
    for n, fact in enumerate(facts, 1):
        kind = type(fact).__name__
        fields = catalogue.CATALOGUE[kind].key
        key = "/".join(str(getattr(fact, field)) for field in fields)
        if isinstance(fact, CaseAllocated):
            key = f"event-{n}"
        register = registers[kind]
        getattr(case, register.into)[key] = register.record(fact, f"event-{n}", "/feeds/test", n)
    return case


def microseconds(text: str) -> int:
    """An instant, given as its date and time in UTC, as microseconds since 1970."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000


def concluded(case: AllocationCase, today: str | date, policy: Policy = POLICY) -> Assessment:
    return assess(SERVICE.person, case, day(today), policy)


def workload(case: PractitionerCase, today: str | date) -> Assessment:
    return assess(SERVICE.entities[0], case, day(today), POLICY)


def found(assessment: Assessment, kind: str, *, closed: bool = False) -> list[Any]:
    """The events of the findings of a type that stand; with `closed` all of them."""
    return [f.event for f in findings(assessment, kind) if closed or assessment.closed(f) is None]


def findings(assessment: Assessment, kind: str) -> list[Finding]:
    return [f for f in assessment.findings if type(f.event).__name__ == kind]


def tier(assessment: Assessment) -> str:
    """The one tier calculated."""
    (event,) = found(assessment, "TierCalculated")
    return str(event.tier)
