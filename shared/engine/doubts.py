"""What is doubtful about facts that are taken: their values, their ids, the pools that they name.

What is doubtful about a message by itself is found when it is read (`intake`), and about a version when it is
joined (`joining`).
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence

from pydantic_core import from_json

from schemas.envelope import Published
from shared.calendar import london_date
from shared.engine.joining import Fact
from shared.engine.service import Service
from shared.engine.storage import Altered, Transaction
from shared.engine.warning import Doubt
from shared.policy import Policy

_ALIKE = 0.8
"""How alike two names of pools must be, from 0 to 1 (see `difflib`)."""


def doubt_values(service: Service, policy: Policy, fact: Fact) -> None:
    """Note the values in a fact from a feed that can hardly be right, as the service judges by its policy."""
    if service.implausible is not None and not isinstance(fact.data, Published):
        for path, what in service.implausible(fact.data, london_date(fact.cause.at), policy):
            explanation = f"{path} {what}: check it, and correct the event if it is wrong"
            fact.doubts.append(Doubt("implausible_date", explanation, path))


async def doubt_bodies(
    transaction: Transaction,
    facts: Sequence[Fact],
    first: Mapping[tuple[str, str], Fact],
    fresh: Collection[tuple[str, str]],
) -> list[Fact]:
    """The repeated facts that say something else than the first of that id, each with that doubt alone.

    Other bytes that mean the same are no other body. `first` are the facts that came first in the batch.
    """
    found: list[Altered] = []
    known = []
    for fact in facts:
        name = (fact.source, fact.id)
        if name not in fresh:
            known.append(fact)
        elif (one := first[name]) is not fact and one.body != fact.body:
            found.append(Altered(fact, one.body, one.origin.place if one.origin else None))
    if known:
        found += await transaction.altered(known)
    altered = [one for one in found if from_json(one.body) != from_json(one.fact.body)]
    for repeated in altered:
        here = repeated.fact.origin.place if repeated.fact.origin else None
        repeated.fact.doubts = [another_body(here, repeated.place)]
    return [repeated.fact for repeated in altered]


def another_body(here: str | None = None, there: str | None = None) -> Doubt:
    """What is doubtful about an event whose id was used before for something else; both places if known."""
    first = f"the event at {there}" if there else "an earlier event"
    this = f"this one at {here}" if here else "this one"
    return Doubt(
        "altered_id",
        f"{first} has the same source and id and says something else, so {this} has no effect: give it an id "
        "of its own and send it again",
        "id",
    )


async def doubt_pools(service: Service, transaction: Transaction, facts: Sequence[Fact]) -> None:
    """Note which facts name a pool in which no entity offers itself, while some do elsewhere."""
    if service.pools_named is None:
        return
    named = [(fact, *one) for fact in facts if fact.origin for one in service.pools_named(fact.data)]
    offered = await transaction.pools_offered({pool for _, _, pool in named}) if named else None
    if not offered:
        return
    for fact, path, pool in named:
        if pool not in offered:
            close = next(iter(difflib.get_close_matches(pool, offered, n=1, cutoff=_ALIKE)), None)
            meant = f": {close} was probably meant" if close else ""
            explanation = f"{path} names a unit in which nobody is known yet{meant}"
            fact.doubts.append(Doubt("unknown_unit", explanation, path, close))
