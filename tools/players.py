"""Plays the four services in memory, each of them whole in one process: with one job in this, else in others.

From message to publication this is the code that runs in production (`shared/engine/casebook.py`). A service
is never split, since its cases share practitioners and places; so more jobs than services are not used.
"""

from __future__ import annotations

import hashlib
import logging
import multiprocessing
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import date
from functools import lru_cache
from multiprocessing.connection import Connection
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple, Protocol, cast

from schemas import language
from shared.calendar import london_date
from shared.engine.casebook import Casebook
from shared.engine.intake import Language
from shared.engine.journal import ON_DISK
from shared.engine.kept_open import look_for_garbage_seldom
from shared.engine.service import Service
from shared.mistakes import Mistake
from shared.policy import Policy
from shared.policy_file import Value
from tools.replay import LINES, Failed, Letter, Outcome, Remembered, Replay, Round, Said, WarnedLine
from tools.services import BY_NAME, SERVICES, policy_name

BATCH = 500
"""Messages passed to a service at once: few enough for one transaction, so that the order is repeatable."""
_READ_ONCE = 4 * BATCH
"""How many messages are remembered as they were read, for the other services."""
_MOST_WORK_FIRST = ("referrals", "contacts", "allocation", "enforcement")
_NOTHING = Said((), ())


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
        turn = 2 * number
        # There and back again: who has a service with much to do also gets one with little.
        shares = [
            [*_MOST_WORK_FIRST[n::turn], *_MOST_WORK_FIRST[turn - 1 - n :: turn]] for n in range(number)
        ]
        self._processes = [_Process(names, trial) for names in shares]
        for process in self._processes:
            stack.callback(process.end)

    def play(self, messages: Round) -> list[Said]:
        """Give a round of messages to the services; returns what each said, in their order."""
        asked = [process for process in self._processes if process.play(messages)]
        said = {name: one for process in asked for name, one in process.answers()}
        return [said.get(name, _NOTHING) for name in BY_NAME]

    def remembered(self) -> list[Remembered]:
        """What each kept until the end, in the same order."""
        for process in self._processes:
            process.remember()
        kept = {name: one for process in self._processes for name, one in process.answers()}
        return [kept[name] for name in BY_NAME]


class _Process:
    """Another process that plays some services. What it is asked, it answers before it is asked again."""

    def __init__(self, names: Sequence[str], trial: Trial) -> None:
        self._names = names
        self._reads = {topic for name in names for topic in BY_NAME[name].reads}
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, names, trial), daemon=True)
        self._process.start()
        theirs.close()

    def play(self, messages: Round) -> bool:
        """Ask what its services say in a round; False, and nothing is asked, if the round is not for them."""
        mine = [message for message in messages if message.topic in self._reads]
        if mine:
            self._ask(mine)
        return bool(mine)

    def remember(self) -> None:
        """Ask what its services kept until the end."""
        self._ask(None)

    def answers(self) -> Iterable[tuple[str, Any]]:
        """What it answers for each of its services. Raises `Mistake` if it has ended."""
        try:
            answer = self._pipe.recv()
        except (EOFError, ConnectionError):
            raise Mistake(
                f"the process that played {' and '.join(self._names)} was ended from outside, "
                "perhaps for want of memory: try again with --jobs 1"
            ) from None
        if isinstance(answer, Exception):
            raise answer
        return zip(self._names, answer, strict=True)

    def end(self) -> None:
        """End it."""
        self._pipe.close()
        self._process.join()

    def _ask(self, question: Round | None) -> None:
        with suppress(ConnectionError):  # it has ended: whoever waits for the answer is told
            self._pipe.send(question)


def _serve(pipe: Connection, names: Sequence[str], trial: Trial) -> None:
    """In another process: play these services until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches it too, and is the command's affair
    logging.getLogger().addHandler(logging.NullHandler())  # the outcome says what was refused and warned of
    here = Here([BY_NAME[name] for name in names], trial, reading_once())
    with suppress(EOFError, ConnectionError):
        while True:
            messages = pipe.recv()
            try:
                answer = here.remembered() if messages is None else here.play(messages)
            except Exception as fault:
                pipe.send(fault)
            else:
                pipe.send(answer)


def _play(book: Casebook, messages: Round) -> Said:
    mine = [message for message in messages if message.topic in book.engine.service.reads]
    if not mine:
        return _NOTHING
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
