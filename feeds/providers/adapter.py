"""The adapter of providers' events, which come in the envelope of HMPPS domain events."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from feeds.hmpps.envelope import Notice, notice
from feeds.message import Message
from feeds.providers import referrals, sessions
from feeds.statement import Statement

_TELLING: dict[str, Callable[[Notice], Iterator[Statement]]] = {
    "sent": referrals.sent,
    "assigned": referrals.assigned,
    "plan": referrals.plan,
    "report": referrals.report,
    "concluded": referrals.concluded,
    "session": sessions.session,
    "assessment": sessions.assessment,
    "unpaid_work": sessions.unpaid_work,
    "status": sessions.status,
    "programme_complete": sessions.programme_complete,
}


class Providers:
    """The adapter of providers' events."""

    name = "providers"

    def detail(self, message: Message) -> str | None:
        """The notice's detail, if its type needs one."""
        return notice(message, self.name).needed_detail

    def read(self, message: Message) -> list[Statement]:
        """What a notice states."""
        told = notice(message, self.name)
        tell = _TELLING.get(told.row.word)
        return [] if tell is None else list(tell(told))
