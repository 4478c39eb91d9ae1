"""The adapter of providers' events, which come in the envelope of HMPPS domain events."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from feeds.hmpps.envelope import Notice, NoticeAdapter
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

PROVIDERS = NoticeAdapter("providers", _TELLING)
