"""What the referrals service knows about a person: sentences, sessions and contacts.

Facts of a sentence that is not known yet are kept and lead to nothing until it is.
"""

from __future__ import annotations

import msgspec

from services.referrals.facts import ReferralRequest, Session
from shared.engine.case import Register, Registers
from shared.probation.case import END_REGISTER, SUPERVISION_REGISTERS, SupervisedCase
from shared.probation.facts import Contact


class ReferralsCase(SupervisedCase, kw_only=True, omit_defaults=True):
    """A person on probation, as referrals sees them."""

    sessions: dict[str, Session] = msgspec.field(default_factory=dict)
    contacts: dict[str, Contact] = msgspec.field(default_factory=dict)
    requests: dict[str, ReferralRequest] = msgspec.field(default_factory=dict)


REGISTERS: Registers = (
    SUPERVISION_REGISTERS
    | END_REGISTER
    | {
        "SessionRecorded": Register("sessions", Session),
        "ContactOutcomeRecorded": Register("contacts", Contact),
        "ReferralRequested": Register("requests", ReferralRequest),
    }
)
