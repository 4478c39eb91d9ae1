"""The brake: a faulty release of a sender must not turn a whole topic into dead letters.

It looks at a window of the latest messages (by default 1,000), in the order in which they arrived. When the
window is full and more than a set share of it is bad, the service stops until somebody has looked into it. It
commits what came before that message, so that the dead letters show what is wrong. It never brakes before the
window is full, because a few bad messages at the start of a quiet topic do not mean a faulty release.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Sequence

from shared.engine.intake import DeadLetter

SAMPLES = 3
"""How many reasons its message names, the most frequent first."""

Bad = tuple[str, str]
"""The reason why a message is bad, and its place in Kafka."""


class Braked(Exception):
    """Too many recent messages are bad. The exception's message says how many, why, and what to do.

    `before` is the number of judged messages that came before the one at which it brakes.
    """

    def __init__(self, message: str, before: int) -> None:
        super().__init__(message)
        self.before = before


class Brake:
    """A sliding window over the latest messages of a service. A `share` of 1 never brakes."""

    def __init__(self, service: str, share: float, window: int) -> None:
        self._service = service
        self._share = share
        self._recent: deque[Bad | None] = deque(maxlen=window)
        self._judged: deque[Bad | None] | None = None

    def judge(self, letters: Iterable[DeadLetter | None]) -> None:
        """Judge messages in the order in which they arrived: the dead letter of each bad one, None if good.

        Raises `Braked` if too many are bad. May be called again for the same messages.
        """
        window = self._recent.maxlen or 0
        judged = deque(self._recent, maxlen=window)
        wrong = sum(map(bool, judged))
        for before, letter in enumerate(letters):
            if len(judged) == window:
                wrong -= bool(judged[0])
            judged.append((letter.reason, _place(letter)) if letter else None)
            wrong += bool(letter)
            if len(judged) == window and self._share < 1 and wrong > self._share * window:
                raise Braked(self._explained([bad for bad in judged if bad]), before)
        self._judged = judged

    def accept(self) -> None:
        """The messages judged last have been committed."""
        if self._judged is not None:
            self._recent, self._judged = self._judged, None

    def _explained(self, wrong: Sequence[Bad]) -> str:
        first = dict(reversed(wrong))
        counts = Counter(reason for reason, _ in wrong).most_common(SAMPLES)
        reasons = ", ".join(f"{number} {reason} (such as {first[reason]})" for reason, number in counts)
        return (
            f"{len(wrong)} of the last {self._recent.maxlen} messages are bad: {reasons}. "
            f"See `probation dead-letters list {self._service}`, have the sender fix the cause, then start "
            "again with PROBATION_BRAKE_SHARE=1, which makes the bad messages that are left dead letters; "
            "when they are read, start without it"
        )


def _place(letter: DeadLetter) -> str:
    return f"{letter.message.topic}/{letter.message.partition}/{letter.message.offset}"
