"""Plays the four services in memory, each of them whole in one process: with one job in this, else in others.

From message to publication this is the code that runs in production (`shared/engine/casebook.py`). A service
is never split, since its cases share practitioners and places; so more jobs than services are not used.
"""

from __future__ import annotations

import hashlib
import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple, Protocol, TypeVar, cast

from schemas import language
from shared.calendar import london_date
from shared.engine.casebook import Casebook
from shared.engine.intake import Language
from shared.engine.journal import ON_DISK
from shared.engine.kept_open import look_for_garbage_seldom
from shared.engine.service import Service
from shared.policy import Policy
from shared.policy_file import Value
from tools.replay import LINES, Failed, Letter, Outcome, Remembered, Replay, Round, Said, WarnedLine
from tools.services import BY_NAME, SERVICES, policy_name

T = TypeVar("T")

BATCH = 500
"""Messages passed to a service at once: few enough for one transaction, so that the order is repeatable."""
_READ_ONCE = 4 * BATCH
"""How many messages are remembered as they were read, for the other services."""


class Trial(NamedTuple):
    """Another policy to be tried.

    `folder` has files to use instead of the services' own `<service>.toml` and the common `probation.toml`;
    `changes` are other values, by policy file and name. With either, every event names its policy as tried.
    """

    folder: Path | None = None
    changes: Mapping[tuple[Path, str], Value] = {}

    def policies(self, services: Iterable[Service]) -> tuple[dict[str, Policy], str | None]:
        """The policy of each service by its name, and the name of the trial if it isn't the one in force."""
        policies = {
            service.name: Policy.load(
                self._chosen(service.policy), service.name, *map(self._chosen, service.common_policy)
            ).changed(self.changes)
            for service in services
        }
        if self.folder is None and not self.changes:
            return policies, None
        digests = "".join(policy.digest for policy in policies.values())
        trial = hashlib.sha256(digests.encode()).hexdigest()[:8]
        return {name: policy.trying(trial) for name, policy in policies.items()}, trial

    def _chosen(self, own: Path) -> Path:
        given = self.folder / policy_name(own) if self.folder else own
        return given if given.exists() else own


NO_TRIAL = Trial()


class Players(Protocol):
    """Whoever plays the services."""

    def play(self, messages: Round) -> list[Said]:
        """Give a round of messages to the services; returns what each said, in their order."""

    def remembered(self) -> list[Remembered]:
        """What each kept until the end, in the same order."""


def replay(
    lines: Iterable[bytes],
    publish: Callable[[bytes], object],
    *,
    until: date | None = None,
    trial: Trial = NO_TRIAL,
    jobs: int = 1,
) -> Outcome:
    """Replay lines; `publish` gets each event that the services publish, in order.

    The same lines give the same events in the same order, whatever the number of jobs.
    """
    words = reading_once()
    _, name = trial.policies(SERVICES)  # a mistake in it is told here
    with players(trial, jobs, words) as playing:
        run = Replay([*BY_NAME], words, publish, name)
        rounds = run.rounds(lines, until)
        said: list[Said] | None = None
        try:
            while True:
                said = playing.play(next(rounds) if said is None else rounds.send(said))
        except StopIteration:
            return run.end(playing.remembered())


@contextmanager
def players(trial: Trial, jobs: int, words: Language) -> Iterator[Players]:
    """Those who play the services, with so many processes."""
    if jobs == 1:
        yield Here(SERVICES, trial, words)
        return
    with ExitStack() as stack:
        yield Processes(stack, min(jobs, len(SERVICES)), trial)


class Here:
    """Plays services in this process."""

    def __init__(self, services: Sequence[Service], trial: Trial, words: Language) -> None:
        look_for_garbage_seldom()
        policies, _ = trial.policies(SERVICES)
        self._books = [Casebook(s, words, policies[s.name], journal=ON_DISK) for s in services]

    def play(self, messages: Round) -> list[Said]:
        """Give a round of messages to the services; returns what each said, in their order."""
        return [_play(book, messages) for book in self._books]

    def remembered(self) -> list[Remembered]:
        """What each kept until the end, in the same order."""
        return [_remembered(book) for book in self._books]


class Processes:
    """Plays services in other processes, each of which has some of them to itself."""

    def __init__(self, stack: ExitStack, number: int, trial: Trial) -> None:
        context = multiprocessing.get_context("spawn")
        names, turn = [*BY_NAME], 2 * number
        # There and back again: of two processes one has contacts, the other referrals, which have most to do.
        self._shares = [[*names[one::turn], *names[turn - 1 - one :: turn]] for one in range(number)]
        self._pools = [
            stack.enter_context(ProcessPoolExecutor(1, context, _begin, (names, trial)))
            for names in self._shares
        ]

    def play(self, messages: Round) -> list[Said]:
        """Give a round of messages to the services; returns what each said, in their order."""
        topics = [{topic for name in names for topic in BY_NAME[name].reads} for names in self._shares]
        return self._in_order(
            pool.submit(_play_there, [message for message in messages if message.topic in read])
            for pool, read in zip(self._pools, topics, strict=True)
        )

    def remembered(self) -> list[Remembered]:
        """What each kept until the end, in the same order."""
        return self._in_order(pool.submit(_remembered_there) for pool in self._pools)

    def _in_order(self, asked: Iterable[Future[list[T]]]) -> list[T]:
        answers = [future.result() for future in [*asked]]
        by_name = {
            name: answer
            for names, answered in zip(self._shares, answers, strict=True)
            for name, answer in zip(names, answered, strict=True)
        }
        return [by_name[name] for name in BY_NAME]


_here: Here
"""In another process: the services that it plays."""


def _begin(names: Sequence[str], trial: Trial) -> None:
    global _here
    _here = Here([BY_NAME[name] for name in names], trial, reading_once())


def _play_there(messages: Round) -> list[Said]:
    return _here.play(messages)


def _remembered_there() -> list[Remembered]:
    return _here.remembered()


def _play(book: Casebook, messages: Round) -> Said:
    mine = [message for message in messages if message.topic in book.engine.service.reads]
    if not mine:
        return Said((), ())
    book.latest_day = london_date(mine[0].received)
    known = book.engine.tally.dead
    published = [
        (publication.subject.encode(), publication.value)
        for first in range(0, len(mine), BATCH)
        for publication in book.handle(mine[first : first + BATCH])
    ]
    new = book.engine.tally.dead - known
    refused = [letter.message.offset for letter in book.storage.dead_letters[-new:]] if new else []
    return Said(published, refused)


def _remembered(book: Casebook) -> Remembered:
    """What a service kept. Of what no line said, but a service, nothing is told."""
    service = book.engine.service.name
    letters = [
        Letter(letter.message.offset, letter.reason, letter.explanation)
        for letter in book.storage.dead_letters
        if letter.message.partition == LINES
    ]
    warnings = [
        WarnedLine(warning.about.origin.offset, warning.doubt.kind, warning.doubt.explanation)
        for warning in book.storage.warnings
        if warning.about.origin.partition == LINES
    ]
    return Remembered(letters, warnings, [Failed(service, *fault) for fault in book.faults.items()])


def reading_once() -> Language:
    """The published language, which reads each message once for all services."""
    examine = lru_cache(_READ_ONCE)(language.examine)
    words = {name: getattr(language, name) for name in language.__all__}
    words |= {"examine": examine, "read": lambda value, headers: examine(value, headers)[:2]}
    return cast(Language, SimpleNamespace(**words))
