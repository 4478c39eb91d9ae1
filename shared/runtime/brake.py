"""The brake: a broken sender must not empty a topic into the dead letters.

It looks at the last messages (1,000 unless told otherwise). When these are full and more than the set
share of them is bad, the batch is refused before anything of it is committed, and the service stops
until a person has looked. Before the window is full it never brakes: a few bad messages at the start
of a quiet topic are no broken deployment.
"""

from __future__ import annotations

from collections import deque


class Braked(Exception):
    """Too many of the recent messages are bad. The message says how many, and what to do."""


class Brake:
    """A sliding window over the last messages; `share` 1 never brakes."""

    def __init__(self, share: float, window: int) -> None:
        self._share = share
        self._recent: deque[bool] = deque(maxlen=window)
        self._judged: deque[bool] | None = None

    def judge(self, good: int, bad: int) -> None:
        """Raise `Braked` if these messages are too many bad ones; may be asked again for the same ones."""
        window = self._recent.maxlen or 0
        judged = deque(self._recent, maxlen=window)
        judged.extend([False] * good + [True] * bad)
        wrong = sum(judged)
        if len(judged) == window and self._share < 1 and wrong > self._share * window:
            raise Braked(
                f"{wrong} of the last {window} messages are bad: look at their reasons with "
                "`dead-letters list`, let the sender mend them, then start again; or set "
                "PROBATION_BRAKE_SHARE=1 to send them all to the dead letters"
            )
        self._judged = judged

    def accept(self) -> None:
        """The messages judged last are committed."""
        if self._judged is not None:
            self._recent, self._judged = self._judged, None
