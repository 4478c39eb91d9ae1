"""Erasing people: all that is held about them is deleted, and late facts about them are refused.

A person is everyone whose records are merged into one: erasing any of them erases all. What stays is a keyed
hash of each name (`hashed`), which tells a late fact and, without the key, nobody. Nothing more is published,
not even withdrawals.

An erasure is final, which makes it the one thing that depends on the order of arrival: voiding it in time
prevents it, voiding it afterwards is refused like any other late fact.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Collection, Iterable, Mapping, Sequence

from shared.engine.intake import DeadLetter, Headers, Language, Message, fact_of
from shared.engine.joining import Fact
from shared.engine.merging import other_record, roots
from shared.engine.packing import claims_of, standing_of, standing_of_month
from shared.engine.publication import event_id
from shared.engine.service import Service
from shared.engine.storage import Row, Transaction
from shared.engine.warning import Origin
from shared.mistakes import Mistake

REASON = "person_erased"
"""Why a message about an erased person is refused. Its content is not kept, so it cannot be redriven."""

_EXPLANATION = (
    "the person was erased: nothing is held about them, and the content of this message was not kept; "
    "ask the sender to stop"
)


class ErasureKeyError(Mistake):
    """People cannot be erased, or told from others, with this key. The message says what to do."""


def hashed(key: bytes, subject: str) -> bytes:
    """What is kept of an erased person: HMAC-SHA-256 of the name, be it only what a broken message gives."""
    return hmac.digest(key, subject.encode(errors="surrogatepass"), "sha256")


def hashes_to_keep(key: bytes | None, subjects: Collection[str]) -> list[bytes]:
    """The hashes of these people, and that of no name, by which the key is known again.

    Raises `ErasureKeyError` without a key.
    """
    if key is None:
        raise ErasureKeyError("PROBATION_ERASURE_KEY is missing: nobody can be erased without it")
    return [hash_of_key(key), *(hashed(key, subject) for subject in sorted(subjects))]


def hash_of_key(key: bytes | None) -> bytes:
    """By what a key is known again: the hash of no name."""
    return b"" if key is None else hashed(key, "")


def check_key(key: bytes | None, *, used: bool, known: bool) -> None:
    """Refuse a key with which the erased people would not be known again. Raises `ErasureKeyError`.

    `used`: was anybody erased? `known`: is the `hash_of_key` kept with them?
    """
    if used and not known:
        what = "is missing" if key is None else "is not the key that it was"
        raise ErasureKeyError(
            f"PROBATION_ERASURE_KEY {what}: set the key with which people were erased, or facts about them "
            "would be accepted again"
        )


def erases(service: Service, fact: Fact) -> bool:
    """Does the fact say that a person is to be erased, or that this never was so?"""
    return fact.type == service.erased_by


def people_named(service: Service, fact: Fact) -> set[str]:
    """The people whom a fact about a person names: two, if it merges their records."""
    return {fact.subject, other_record(fact)} if fact.type in service.merging else {fact.subject}


class Erasing:
    """Erases people of one service, in one transaction."""

    def __init__(self, service: Service, language: Language, transaction: Transaction) -> None:
        self._service = service
        self._language = language
        self._transaction = transaction

    async def people(self, fact: Fact, rows: Sequence[Row]) -> list[str]:
        """Whom a fact erases, of the locked group of everyone whom merges connect with its subject.

        Nobody if it is voided, or was voided before it came.
        """
        members = [row.subject for row in rows if row.kind == self._service.person.kind]
        facts = await self._facts(members)
        versions = [fact, *(f for f in facts if erases(self._service, f) and f.subject == fact.subject)]
        if max(versions, key=lambda f: f.stamp).data.voided or fact.subject not in members:
            return []
        into = roots(members, [f for f in facts if f.type in self._service.merging])
        return [subject for subject in members if into[subject] == into[fact.subject]]

    async def standing(self, people: Sequence[str], rows: Sequence[Row]) -> list[str]:
        """The ids of the events that stand about these people; a decision may have been withdrawn already."""
        found = [
            (row.subject, standing_of(row.state))
            for row in rows
            if row.subject in people and row.state is not None
        ]
        if self._service.person.months is not None:
            months = await self._transaction.months((), (), people)
            found += [(subject, standing_of_month(state)) for subject, _, state in months]
        service = self._service.name
        ids = [
            event_id(service, *_of(name, subject), str(raised.n))
            for subject, standing in found
            for name, raised in standing.items()
        ]
        if self._service.decide is not None:
            own = self._service.source.encode()
            for body in await self._transaction.journaled(people):
                if own in body:
                    event, _ = self._language.read(body, ())
                    ids += [event.id] if event.source == self._service.source else []
        return ids

    async def _facts(self, subjects: Sequence[str]) -> list[Fact]:
        """The merges and erasures of these subjects. Other facts are not read: they go, whatever they say."""
        kinds = [kind.encode() for kind in (*self._service.merging, self._service.erased_by) if kind]
        facts = []
        for body in await self._transaction.journaled(subjects):
            if any(kind in body for kind in kinds):
                event, body = self._language.read(body, ())
                facts.append(fact_of(event, self._language.register_key(event), body))
        return facts


def _of(name: str, subject: str) -> tuple[str, str, str]:
    kind, key = name.split(" ", 1)
    return kind, subject, key


def claims_given_back(rows: Iterable[Row]) -> dict[str, int]:
    """What these cases use of entities, by "<entity> <item>"."""
    claims: dict[str, int] = {}
    for row in rows:
        for claim, amount in claims_of(row.state).items() if row.state is not None else ():
            claims[claim] = claims.get(claim, 0) + amount
    return claims


def subjects_of(key: bytes | None, value: bytes | None, headers: Headers) -> set[str]:
    """Whom a message may be about, as far as that can be told of one that was refused."""
    subjects = {key.decode(errors="replace")} if key else set()
    subjects |= {value.decode(errors="replace") for name, value in headers if name == "ce_subject" and value}
    try:
        body = json.loads(value or b"")
    except (ValueError, RecursionError):
        return subjects
    subject = body.get("subject") if isinstance(body, Mapping) else None
    return subjects | ({subject} if isinstance(subject, str) else set())


def letter_of(origin: Origin) -> DeadLetter:
    """The dead letter of a message about an erased person: where it lay, and nothing of what it said."""
    topic, partition, offset, incarnation, received = origin
    message = Message(topic, partition, offset, None, None, (), received, incarnation)
    return DeadLetter(message, REASON, _EXPLANATION)
