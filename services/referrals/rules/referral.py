"""The referral that a requirement leads to by itself, and the start of the intervention."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.referrals import InterventionStarted, ReferralMade
from schemas.words import ServiceCohort
from services.referrals.view import ReferralsView
from shared.engine.assessment import Finding
from shared.probation.facts import Sentence


def referral_made(view: ReferralsView) -> Iterator[Finding]:
    """SH-7, DF-9, CSTR-1: the court's requirement is passed on to those who provide the intervention, as a
    referral that names the person's cohorts.

    It is made when the requirement begins. The policy says which kinds of requirement need an intervention.
    A treatment requirement obliges the person to engage with local health services (CSTR-1).
    """
    for requirement in view.requirements.values():
        if requirement.on(requirement.imposed_on) is None or not view.today.reached(requirement.imposed_on):
            continue
        kind = view.referral_kind(requirement)
        if kind is not None:
            yield Finding(
                event=ReferralMade(
                    referral_id=requirement.referral_id,
                    sentence_id=requirement.sentence.sentence_id,
                    requirement_id=requirement.requirement_id,
                    kind=kind,
                    cohorts=_cohorts(requirement.sentence),
                    desired_outcomes=[],
                    made_on=requirement.imposed_on,
                ),
                key=requirement.key,
                rules=("SH-7", "DF-9", *(("CSTR-1",) if kind == "treatment" else ())),
                because=(requirement.versions[0].record,),
                policy=view.values(requirement.imposed_on, requirement.sentence).version,
            )


def intervention_started(view: ReferralsView) -> Iterator[Finding]:
    """AP-13, CSTR-1: a programme or a treatment that a requirement is referred to starts with the first
    session attended. A referral to a programme is then "on programme"."""
    for requirement in view.requirements.values():
        kind = view.referral_kind(requirement)
        if kind is None or requirement.kind == "unpaid_work":
            continue
        for session, version in view.attended[requirement.key][:1]:
            yield Finding(
                event=InterventionStarted(
                    referral_id=requirement.referral_id,
                    requirement_id=requirement.requirement_id,
                    sentence_id=requirement.sentence.sentence_id,
                    started_on=session.held_on,
                ),
                key=requirement.key,
                rules=("CSTR-1",) if kind == "treatment" else ("AP-13",),
                because=(session, version.record),
                policy=view.values(session.held_on, requirement.sentence).version,
            )


def _cohorts(sentence: Sentence) -> list[ServiceCohort]:
    cohorts: list[ServiceCohort] = sorted(set(sentence.person.cohorts))
    return [*cohorts, "women"] if sentence.person.sex == "female" else cohorts
