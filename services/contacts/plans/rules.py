"""The contact plan of each sentence (CONT-1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from schemas.contacts import ContactPlanSet
from services.contacts.plans.planning import Basis, contact_plans
from services.contacts.view import ContactsView
from shared.engine.assessment import Finding

PLANNED_BY: Mapping[Basis, tuple[str, ...]] = {
    "custody": ("CONT-1", "ENF-35"),
    "reset": ("CONT-1", "CONT-22"),
    "suspension_agreed": ("CONT-1", "CONT-19"),
    "post_sentence_supervision": ("CONT-1", "CONT-17", "CONT-21"),
    "unpaid_work_only": ("CONT-1",),
    "pre_release": ("CONT-1", "CONT-32", "RES-5"),
    "package": ("CONT-1",),
    "requirements_done": ("CONT-1", "CONT-28", "CONT-32"),
    "enhanced": ("CONT-1", "CONT-32", "CONT-33"),
    "frequency": ("CONT-1", "CONT-24", "CONT-32"),
    "frequency_risk_unknown": ("CONT-1", "CONT-24", "ALLOC-12", "CONT-32"),
}
"""The rules by which a plan is made, by what it follows from."""


def contact_plan_set(view: ContactsView) -> Iterator[Finding]:
    """CONT-1: contact levels are held as guidance, by risk and need; each plan that began stands as history.

    CONT-24: weekly in the first weeks, then by risk, or as the practitioner's review says; ALLOC-12: unknown
    risk is not low. CONT-28: after the end of all requirements there is only the duty to keep in touch.
    CONT-17, CONT-21: no level is set in post-sentence supervision, until the policy says otherwise. ENF-35,
    CONT-19, CONT-22: no contact is expected while it is suspended for custody, by agreement or for Reset.
    RES-5: before a release contact rises. CONT-33: under integrated offender management it is enhanced.
    CONT-32: each plan suggests forms of contact, by risk and need. Supervision packages, where the policy has
    them, take the place of the frequency, but for people to whom they do not apply, and unless the tier or
    its figures are not known.
    """
    for plan in contact_plans(view):
        if not view.today.reached(plan.first):
            return
        expected, package = plan.expected, plan.expected.package
        yield Finding(
            event=ContactPlanSet(
                sentence_id=plan.sentence.sentence_id,
                regime=expected.regime,
                face_to_face_every_days=expected.face_to_face_every_days,
                modes=list(expected.modes),
                from_=plan.first,
                package=package.tier if package else None,
                yearly_contacts=package.yearly_contacts if package else None,
                early_engagement_ends_on=package.early_engagement_ends_on if package else None,
                package_unknown=expected.package_unknown,
            ),
            key=f"{plan.sentence.sentence_id}/{plan.first.isoformat()}",
            rules=PLANNED_BY[plan.basis],
            because=plan.because,
            policy=view.values(plan.first, plan.sentence).version,
        )
