"""The course of a referral: provider, access, states of a programme, end and outcomes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from schemas.referrals import (
    AccessEnded,
    AccessGranted,
    OutcomeRecorded,
    ReferralEnded,
    ReferralStatusRefused,
)
from services.referrals.lifecycle.programme import states_of
from services.referrals.lifecycle.referral import Referral
from services.referrals.lifecycle.referrals import referrals
from services.referrals.view import ReferralsView
from shared.engine.assessment import Finding, once_a_day
from shared.engine.case import Record


def referral_ended(view: ReferralsView) -> Iterator[Finding]:
    """DF-15, AP-13: how a referral ended: completed, prematurely ended, cancelled, withdrawn, or at court."""
    for referral in referrals(view).values():
        if referral.made_on is None or referral.end is None:
            continue
        end = referral.end
        yield Finding(
            event=ReferralEnded(
                referral_id=referral.referral_id,
                sentence_id=referral.sentence.sentence_id,
                state=end.state,
                ended_on=end.on,
            ),
            key=referral.referral_id,
            rules=("AP-13",) if referral.kind == "accredited_programme" else ("DF-15",),
            because=(*end.because, *referral.because),
            policy=view.values(end.on, referral.sentence).version,
        )


def outcome_recorded(view: ReferralsView) -> Iterator[Finding]:
    """OUT-1, SI-7: when a service concludes, each desired outcome that was reported once has its result."""
    for referral in referrals(view).values():
        report = view.case.reports.get(referral.referral_id)
        if referral.made_on is None or referral.end is None or report is None:
            continue
        if not view.today.reached(report.submitted_on):
            continue
        for outcome in dict.fromkeys(referral.desired_outcomes):
            results = [one.result for one in report.outcomes if one.outcome == outcome]
            if len(results) == 1:
                yield Finding(
                    event=OutcomeRecorded(
                        referral_id=referral.referral_id,
                        sentence_id=referral.sentence.sentence_id,
                        outcome=outcome,
                        result=results[0],
                        reported_on=report.submitted_on,
                    ),
                    key=f"{referral.referral_id}/{outcome}",
                    rules=("OUT-1", "SI-7"),
                    because=(report, *referral.because),
                    policy=view.values(report.submitted_on, referral.sentence).version,
                )


def status_refused(view: ReferralsView) -> Iterator[Finding]:
    """AP-13: a state of a programme that cannot follow on the one before is refused; that one stands."""
    for referral in referrals(view).values():
        if referral.kind != "accredited_programme":
            continue
        for change, before in states_of(view, referral.referral_id).refused:
            yield Finding(
                event=ReferralStatusRefused(
                    referral_id=referral.referral_id,
                    sentence_id=referral.sentence.sentence_id,
                    from_=before,
                    to=change.status,
                    changed_on=change.changed_on,
                ),
                key=f"{referral.referral_id}/{change.changed_on}",
                rules=("AP-13",),
                because=(change,),
                policy=view.values(change.changed_on, referral.sentence).version,
            )


# -- access ------------------------------------------------------------------------------------------

Access = tuple[Referral, str, str, date, date | None, tuple[Record, ...]]
"""The referral, the key, the provider, the first day of its access, the last day, and what grants it."""


@once_a_day
def _accesses(view: ReferralsView) -> list[Access]:
    """INFO-1: who had access to the assessment and the contact record for each referral, and until when."""
    return [access for referral in referrals(view).values() for access in _accesses_to(view, referral)]


def _accesses_to(view: ReferralsView, referral: Referral) -> Iterator[Access]:
    """By acceptance, or by taking over a referral; each provider until another one has it, or it is over."""
    granted: list[tuple[date, str, Record]] = []
    if referral.made_on is not None:
        granted += [(a.accepted_on, a.provider_id, a) for a in referral.acceptances]
    granted += [(c.transferred_on, c.to_provider, c) for c in referral.changes if c.to_provider is not None]
    over = _over_on(view, referral)
    known: dict[str, date] = {}
    for first, provider, record in sorted(granted, key=lambda access: access[:2]):
        if first <= known.get(provider, date.min) or first > over:
            continue  # it has access already, or there is nothing left to see
        others = [c.transferred_on for c in referral.changes]
        others += [p.made_on for p in referral.placements if p.provider_id != provider]
        declined = [d.declined_on for d in referral.declines if d.provider_id == provider]
        ends = [over, *(day - timedelta(days=1) for day in others if day > first)]
        key = f"{referral.referral_id}/{provider}/{first}" if known else referral.referral_id
        last = known[provider] = min([*ends, *(day for day in declined if day >= first)])
        yield referral, key, provider, first, last if last < date.max else None, (record,)


def _over_on(view: ReferralsView, referral: Referral) -> date:
    """The last day of access to what a referral is about: it ended, or its provider concluded it."""
    concluded = view.case.conclusions.get(referral.referral_id)
    days = [referral.end.on] if referral.end is not None else []
    if concluded is not None and view.today.reached(concluded.concluded_on):
        days.append(concluded.concluded_on)
    return min(days, default=date.max)


def access_granted(view: ReferralsView) -> Iterator[Finding]:
    """INFO-1, AP-9: acceptance gives the provider access to the assessment and the contact record."""
    for referral, key, provider, first, _, because in _accesses(view):
        yield Finding(
            event=AccessGranted(
                referral_id=referral.referral_id,
                sentence_id=referral.sentence.sentence_id,
                provider_id=provider,
                from_=first,
            ),
            key=key,
            rules=("INFO-1", "AP-9"),
            because=because,
            policy=view.values(first, referral.sentence).version,
        )


def access_ended(view: ReferralsView) -> Iterator[Finding]:
    """INFO-1: the access ends when the referral ends, goes to another provider or is declined after all."""
    for referral, key, provider, _, last, because in _accesses(view):
        if last is not None:
            yield Finding(
                event=AccessEnded(
                    referral_id=referral.referral_id,
                    sentence_id=referral.sentence.sentence_id,
                    provider_id=provider,
                    until=last,
                ),
                key=key,
                rules=("INFO-1",),
                because=(*because, *(referral.end.because if referral.end else ())),
                policy=view.values(last, referral.sentence).version,
            )
