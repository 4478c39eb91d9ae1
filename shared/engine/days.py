"""Which announced day begins, and which is refused.

Days follow one another, and none begins before it has begun in London: a wrong day would fire every deadline
up to it. But a clock may be wrong for an hour, the ticker's or a service's, and that must not stop time. So
every day that is announced is kept until it begins.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)


def next_day(reached: date | None, announced: Collection[date], latest: date) -> date | None:
    """The announced day that begins now, if any: the one after the day reached, once London has reached it.

    Before the first day (`reached` is None) it is the earliest.
    """
    day = min(announced, default=None) if reached is None else reached + ONE_DAY
    return day if day is not None and day in announced and day <= latest else None


def why_refused(day: date, reached: date | None, announced: Collection[date], latest: date) -> str | None:
    """What is wrong with a newly announced day that follows no other; None if it follows and needs only time.

    `announced` are the days that were announced before it and have not begun.
    """
    if reached is None:
        return None
    last = reached
    while last + ONE_DAY in announced:
        last += ONE_DAY
    if day <= last + ONE_DAY:
        return None
    if day > latest:
        return f"{day} has not begun in London yet, and does not follow {last}: correct the ticker's clock"
    return (
        f"{day} does not follow {last}: it begins by itself once the days between them are published; "
        f"if the ticker does not, run `probation ticker --repeat-from {last + ONE_DAY}`"
    )
