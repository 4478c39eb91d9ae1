"""The brake: a faulty release of a sender must not turn a whole topic into dead letters.

It looks at a window of the latest messages (by default 1,000). If the window is full and more than a set
share of it is bad, the batch is refused before any of it is committed, and the service stops until somebody
has looked into it. It never brakes before the window is full, because a few bad messages at the start of a
quiet topic do not mean a faulty release.
"""

from __future__ import annotations

from collections import deque


class Braked(Exception):
    """Too many recent messages are bad. The exception's message says how many, and what to do."""


class Brake:
    """A sliding window over the latest messages. A `share` of 1 never brakes."""

    def __init__(self, share: float, window: int) -> None:
        self._share = share
        self._recent: deque[bool] = deque(maxlen=window)
        self._judged: deque[bool] | None = None

    def judge(self, good: int, bad: int) -> None:
        """Raise `Braked` if too many messages are bad. May be called again for the same messages."""
        window = self._recent.maxlen or 0
        judged = deque(self._recent, maxlen=window)
        judged.extend([False] * good + [True] * bad)
        wrong = sum(judged)
        if len(judged) == window and self._share < 1 and wrong > self._share * window:
            raise Braked(
                f"{wrong} of the last {window} messages are bad: look at their reasons with "
                "`dead-letters list`, have the sender fix them, then start again; or set "
                "PROBATION_BRAKE_SHARE=1 to make them all dead letters"
            )
        self._judged = judged

    def accept(self) -> None:
        """The messages judged last have been committed."""
        if self._judged is not None:
            self._recent, self._judged = self._judged, None
