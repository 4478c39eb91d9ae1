"""The facts that only the referrals service joins, as its rules see them."""

from __future__ import annotations

from datetime import date

from schemas.words import Outcome
from shared.engine.case import Record


class Session(Record, frozen=True, kw_only=True):
    """`SessionRecorded`, by a provider. `minutes` are those attended."""

    session_id: str
    sentence_id: str
    referral_id: str | None
    requirement_id: str | None
    held_on: date
    activity: str
    minutes: int
    outcome: Outcome


class ReferralRequest(Record, frozen=True, kw_only=True):
    """`ReferralRequested`: says which requirement a referral meets; None if it meets none."""

    referral_id: str
    requirement_id: str | None
