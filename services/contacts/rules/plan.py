"""The contact plan of each sentence (CONT-1)."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.contacts import ContactPlanSet
from services.contacts.plans import contact_plans
from services.contacts.view import ContactsView
from shared.engine.assessment import Finding


def contact_plan_set(of: ContactsView) -> Iterator[Finding]:
    """CONT-1: contact levels are held as guidance, by risk and need; each plan that began stands as history.

    CONT-24: weekly in the first weeks, then by risk, or as the practitioner's review says. CONT-17: no level
    is set in post-sentence supervision. CONT-28: another one after the end of all requirements. Supervision
    packages, where the policy has them, take the place of the frequency, but for people to whom they do not
    apply, and unless the tier or its figures are not known.
    """
    today = of.today
    for plan in contact_plans(of):
        if not today.reached(plan.first):
            return
        expected, package = plan.expected, plan.expected.package
        yield Finding(
            event=ContactPlanSet(
                sentence_id=plan.sentence.sentence_id,
                regime=expected.regime,
                face_to_face_every_days=expected.face_to_face_every_days,
                from_=plan.first,
                package=package.tier if package else None,
                yearly_contacts=package.yearly_contacts if package else None,
                early_engagement_ends_on=package.early_engagement_ends_on if package else None,
                package_unknown=expected.package_unknown,
            ),
            key=f"{plan.sentence.sentence_id}/{plan.first.isoformat()}",
            rules=plan.rules,
            because=plan.because,
            policy=of.values(plan.first, plan.sentence).version,
        )
