"""Referrals that need no place of their own, changes of provider, and the start of an intervention."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from schemas.referrals import InterventionStarted, ReferralMade
from services.referrals.facts import Placement
from services.referrals.lifecycle.referral import Referral, first_session
from services.referrals.lifecycle.referrals import referrals
from services.referrals.view import ReferralsView, cohorts_of
from shared.engine.assessment import Finding
from shared.engine.case import Record


def referral_made(view: ReferralsView) -> Iterator[Finding]:
    """SH-7, DF-9, CSTR-1: the court's requirement is passed on to those who provide the intervention, as a
    referral that names the person's cohorts.

    It is made when the requirement begins, unless the practitioner asks for one that meets it. The policy
    says which kinds of requirement need an intervention. A treatment requirement obliges the person to engage
    with local health services (CSTR-1). Where a place must be chosen, it is decided with it (`choose`); where
    none is, the policy says by date who delivers such work (C1).
    """
    for referral in referrals(view).values():
        if referral.made_on is None or referral.placement is not None:
            continue
        requirement = referral.requirement
        record: Record = requirement.versions[0].record if requirement else referral.sentence
        yield Finding(
            event=ReferralMade.model_validate(
                _data(view, referral, referral.made_on) | {"provider_id": referral.delivered_by}
            ),
            key=_key(referral),
            rules=("SH-7", "DF-9", *(("CSTR-1",) if referral.kind == "treatment" else ())),
            because=(referral.request, referral.sentence) if referral.request else (record,),
            policy=view.values(referral.made_on, referral.sentence).version,
        )


def referral_transferred(view: ReferralsView) -> Iterator[Finding]:
    """PROV-6: when another provider goes on with a referral, the referral names it.

    All that was done, the clocks and the place stay. One that has ended goes to nobody.
    """
    for referral in referrals(view).values():
        if referral.made_on is None:
            continue
        for change in referral.changes:
            if referral.end is not None and change.transferred_on > referral.end.on:
                break
            placement = referral.placement_on(change.transferred_on)
            data = _data(view, referral, placement.made_on if placement else referral.made_on, placement)
            data |= {"provider_id": change.to_provider, "transferred_on": change.transferred_on}
            yield Finding(
                event=ReferralMade.model_validate(data),
                key=f"{_key(referral)}/{change.transferred_on}",
                rules=("PROV-6",),
                because=(change, *((placement,) if placement else referral.because)),
                policy=view.values(change.transferred_on, referral.sentence).version,
            )


def _data(
    view: ReferralsView, referral: Referral, made_on: date, placement: Placement | None = None
) -> dict[str, Any]:
    """What is told of a referral and the place that it has, without who provides it."""
    request, requirement = referral.request, referral.requirement
    known_needs = view.values(made_on, referral.sentence).texts("published_needs")
    return {
        "referral_id": referral.referral_id,
        "sentence_id": referral.sentence.sentence_id,
        "requirement_id": request.requirement_id if request else requirement and requirement.requirement_id,
        "kind": referral.kind,
        "intervention_id": placement and placement.intervention_id,
        "need": request.need if request and request.need in known_needs else None,
        "cohorts": cohorts_of(referral.sentence),
        "desired_outcomes": list(referral.desired_outcomes),
        "made_on": made_on,
        "programme": referral.programme,
        "sessions": placement and placement.sessions,
    }


def _key(referral: Referral) -> str:
    """What findings about a referral are keyed by: the requirement that leads to it, or its id."""
    if referral.request is None and referral.requirement is not None:
        return referral.requirement.key
    return referral.referral_id


def intervention_started(view: ReferralsView) -> Iterator[Finding]:
    """AP-13, CSTR-1, SI-5, DF-7: an intervention starts with the first session attended.

    A referral to a programme is then "on programme". Unpaid work has its own start.
    """
    for referral in referrals(view).values():
        if referral.made_on is None or referral.kind == "unpaid_work":
            continue
        first = first_session(view, referral)
        if first is not None:
            session, record = first
            yield Finding(
                event=InterventionStarted(
                    referral_id=referral.referral_id,
                    requirement_id=referral.requirement.requirement_id if referral.requirement else None,
                    sentence_id=referral.sentence.sentence_id,
                    started_on=session.held_on,
                ),
                key=_key(referral),
                rules={
                    "treatment": ("CSTR-1",),
                    "accredited_programme": ("AP-13",),
                    "structured_intervention": ("SI-5",),
                }.get(referral.kind, ("DF-7",)),
                because=(session, record),
                policy=view.values(session.held_on, referral.sentence).version,
            )
