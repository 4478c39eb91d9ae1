"""What a treatment needs before it starts: a site, the person's consent and a provider that is named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from schemas.referrals import ReferralEscalated, Step
from services.referrals.facts import ReferralRequest
from services.referrals.lifecycle.referral import Referral, first_session
from services.referrals.lifecycle.referrals import referrals
from services.referrals.view import ReferralsView
from shared.engine.assessment import Finding
from shared.engine.case import Record

Lacking = tuple[Step, date, tuple[Record, ...], tuple[str, ...]]
"""What is lacking, the day by which it was needed, what shows it, and the rules."""


def treatment_lacks(view: ReferralsView) -> Iterator[Finding]:
    """CSTR-2, CSTR-3: a treatment for which there is no site is escalated when the referral is made; one that
    started without consent or a named provider, by its first session.

    It is for the region to put right: the referral stands, and the person is not in default.
    """
    for referral in referrals(view).values():
        if referral.kind != "treatment" or referral.made_on is None:
            continue
        for step, due_on, because, rules in (
            *_site(view, referral, referral.made_on),
            *_start(view, referral),
        ):
            yield Finding(
                event=ReferralEscalated(
                    referral_id=referral.referral_id,
                    sentence_id=referral.sentence.sentence_id,
                    step=step,
                    due_on=due_on,
                ),
                key=f"{referral.referral_id}/{step}",
                rules=rules,
                because=because,
                policy=view.values(due_on, referral.sentence).version,
            )


def _site(view: ReferralsView, referral: Referral, made_on: date) -> Iterator[Lacking]:
    """CSTR-2: the policy lists the treatments that have a site, by region and date."""
    requirement = referral.requirement
    region, _ = view.place_of_case(referral.sentence, made_on)
    sited = view.policy.on(made_on, region).texts("treatment_sites")
    if requirement is not None and requirement.kind not in sited:
        yield "treatment_site", made_on, (requirement.versions[0].record,), ("CSTR-2",)


def _start(view: ReferralsView, referral: Referral) -> Iterator[Lacking]:
    """CSTR-3: consent and provider on the day of the first session.

    A court imposes a treatment only on a person who is willing; what a practitioner records in asking for the
    referral goes before that. A provider is named by accepting the referral or by taking it over.
    """
    first = first_session(view, referral)
    if first is None:
        return
    session, record = first
    on, because = session.held_on, (session, record)
    asked = [
        request
        for request in view.case.requests.values()
        if request.kind == "treatment"
        and request.sentence_id == referral.sentence.sentence_id
        and (request == referral.request or _meets(request, referral))
        and request.requested_on <= on
    ]
    last = max(asked, key=lambda request: (request.requested_on, *request.stamp), default=None)
    if last is not None and not last.consented:
        yield "consent", on, (*because, last), ("CSTR-3",)
    accepted = any(answer.accepted_on <= on for answer in referral.acceptances)
    taken_over = any(change.to_provider and change.transferred_on <= on for change in referral.changes)
    if not accepted and not taken_over:
        yield "named_provider", on, because, ("CSTR-3",)


def _meets(request: ReferralRequest, referral: Referral) -> bool:
    """Was it asked for so as to meet the requirement of that referral?"""
    requirement = referral.requirement
    return requirement is not None and request.requirement_id == requirement.requirement_id
