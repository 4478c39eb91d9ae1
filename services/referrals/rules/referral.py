"""Referrals that need no place of their own, changes of provider, and the start of an intervention."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from schemas.referrals import InterventionStarted, ReferralMade
from services.referrals.lifecycle.referral import Referral, attended, referrals
from services.referrals.view import ReferralsView, cohorts_of
from shared.engine.assessment import Finding
from shared.engine.case import Record


def referral_made(view: ReferralsView) -> Iterator[Finding]:
    """SH-7, DF-9, CSTR-1: the court's requirement is passed on to those who provide the intervention, as a
    referral that names the person's cohorts.

    It is made when the requirement begins, unless the practitioner asks for one that meets it. The policy
    says which kinds of requirement need an intervention. A treatment requirement obliges the person to engage
    with local health services (CSTR-1). Where a place must be chosen, it is decided with it (`choose`).
    """
    for referral in referrals(view).values():
        if referral.made_on is not None and referral.placement is None:
            yield _made(view, referral, _key(referral), referral.made_on)


def referral_transferred(view: ReferralsView) -> Iterator[Finding]:
    """PROV-6: when another provider goes on with a referral, the referral names it.

    All that was done, the clocks and the place stay.
    """
    for referral in referrals(view).values():
        if referral.made_on is None:
            continue
        for change in referral.changes:
            key = f"{_key(referral)}/{change.transferred_on}"
            yield _made(
                view, referral, key, referral.made_on, (change.to_provider, change.transferred_on, change)
            )


def _made(
    view: ReferralsView,
    referral: Referral,
    key: str,
    made_on: date,
    change: tuple[str | None, date, Record] | None = None,
) -> Finding:
    placement, request, sentence = referral.placement, referral.request, referral.sentence
    values = view.values(made_on, sentence)
    need = request.need if request and request.need in values.texts("published_needs") else None
    record: Record = referral.requirement.versions[0].record if referral.requirement else sentence
    rules = (
        ("PROV-6",) if change else ("SH-7", "DF-9", *(("CSTR-1",) if referral.kind == "treatment" else ()))
    )
    return Finding(
        event=ReferralMade.model_validate(
            {
                "referral_id": referral.referral_id,
                "sentence_id": sentence.sentence_id,
                "requirement_id": request.requirement_id
                if request
                else referral.requirement and referral.requirement.requirement_id,
                "kind": referral.kind,
                "intervention_id": placement and placement.intervention_id,
                "provider_id": change[0] if change else None,
                "need": need,
                "cohorts": cohorts_of(sentence),
                "desired_outcomes": list(referral.desired_outcomes),
                "made_on": made_on,
                "programme": request and request.programme,
                "transferred_on": change[1] if change else None,
            }
        ),
        key=key,
        rules=rules,
        because=(request, sentence) if request else (record,) if change is None else (change[2], record),
        policy=values.version,
    )


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
        by_requirement = referral.requirement is not None and referral.kind in (
            "accredited_programme",
            "treatment",
        )
        if by_requirement and referral.requirement is not None:
            first = [(s, v.record) for s, v in view.attended[referral.requirement.key][:1]]
        else:
            first = [(session, referral.sentence) for session in attended(view, referral)[:1]]
        for session, record in first:
            yield Finding(
                event=InterventionStarted(
                    referral_id=referral.referral_id,
                    requirement_id=referral.requirement.requirement_id if referral.requirement else None,
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
