"""The registers in every person's case: supervision, custody, and who may know of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeVar

import msgspec

from shared.engine.case import Case, Register
from shared.policy import Policy
from shared.probation.custody import Custody, custody_of
from shared.probation.facts import (
    AccessChange,
    AppealDecision,
    Death,
    LeftCustody,
    Release,
    Revocation,
    Sentence,
    SupervisionEnd,
    TakenIntoCustody,
    TransferAcceptance,
    Variation,
)
from shared.probation.supervision import SupervisionPeriod, supervision_period

Linked = TypeVar("Linked", Variation, Revocation, Release, AppealDecision, SupervisionEnd)


class SupervisedCase(Case, kw_only=True, omit_defaults=True):
    """A person who is, was or may be supervised on sentences. Each service's case extends this one."""

    sentences: dict[str, Sentence] = msgspec.field(default_factory=dict)
    variations: dict[str, Variation] = msgspec.field(default_factory=dict)
    revocations: dict[str, Revocation] = msgspec.field(default_factory=dict)
    releases: dict[str, Release] = msgspec.field(default_factory=dict)
    taken: dict[str, TakenIntoCustody] = msgspec.field(default_factory=dict)
    left: dict[str, LeftCustody] = msgspec.field(default_factory=dict)
    appeals_decided: dict[str, AppealDecision] = msgspec.field(default_factory=dict)
    deaths: dict[str, Death] = msgspec.field(default_factory=dict)
    transfers_accepted: dict[str, TransferAcceptance] = msgspec.field(default_factory=dict)
    accesses: dict[str, AccessChange] = msgspec.field(default_factory=dict)
    ends: dict[str, SupervisionEnd] = msgspec.field(default_factory=dict)
    """Empty in the service that determines the end itself."""

    def supervision(
        self, sentence: Sentence, policy: Policy, more_ends: Sequence[SupervisionEnd] = ()
    ) -> SupervisionPeriod:
        """Supervision on a sentence, from its start to its end; `more_ends` are not in the register."""
        return supervision_period(
            sentence,
            policy,
            variations=_of(sentence, self.variations.values()),
            releases=_of(sentence, self.releases.values()),
            revocations=_of(sentence, self.revocations.values()),
            appeals=_of(sentence, self.appeals_decided.values()),
            deaths=self.deaths.values(),
            ends=[*_of(sentence, self.ends.values()), *more_ends],
        )

    def custody(self) -> Custody:
        """When the person was in custody."""
        return custody_of(self.taken.values(), self.left, self.releases.values())


def _of(sentence: Sentence, records: Collection[Linked]) -> list[Linked]:
    if not records:
        return []  # the common case
    return [record for record in records if record.sentence_id == sentence.sentence_id]


SUPERVISION_REGISTERS = {
    "SentenceImposed": Register("sentences", Sentence),
    "SentenceVaried": Register("variations", Variation),
    "SentenceRevoked": Register("revocations", Revocation),
    "PersonReleased": Register("releases", Release),
    "PersonTakenIntoCustody": Register("taken", TakenIntoCustody),
    "PersonLeftCustody": Register("left", LeftCustody),
    "AppealDecided": Register("appeals_decided", AppealDecision),
    "PersonDied": Register("deaths", Death),
    "TransferAccepted": Register("transfers_accepted", TransferAcceptance),
    "CaseAccessChanged": Register("accesses", AccessChange),
}
"""The facts from which every service works out supervision and custody, where, and who may know of them."""

END_REGISTER = {"SupervisionEnded": Register("ends", SupervisionEnd)}
"""In addition, for services that learn about the end of supervision from allocation."""
