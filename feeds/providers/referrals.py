"""Referrals to commissioned services, from request to end, as Refer and Monitor tells them."""

from __future__ import annotations

from collections.abc import Iterator

from feeds.codes import table
from feeds.hmpps.envelope import Notice
from feeds.message import Node
from feeds.statement import Fact, Link, Reference, Statement
from shared.calendar import london_date


def referral_id(notice: Notice) -> str:
    """The referral that a notice is about."""
    return notice.info.id("referralId")


def by_referral(id: str) -> Reference:
    """The sentence that a referral is under."""
    return Reference("referral", id)


def sent(notice: Notice) -> Iterator[Statement]:
    """A referral was sent. It names the sentence by its id in case management, not by its number."""
    detail, id = notice.message.answer(), referral_id(notice)
    sentence = Reference("conviction", detail.id("relevantSentenceId"))
    at = detail.instant("sentAt")
    data = {
        "referral_id": id,
        "requested_on": london_date(at),
        "kind": "commissioned_service",
        "need": table("providers", "contracts").of(_contract(notice, detail), "contractTypeName").word,
        "ready_to_start": True,
        "desired_outcomes": [_outcome(one) for one in detail["referral"].each("desiredOutcomes")],
    }
    link = Link(by_referral(id), alias_of=sentence)
    fact = Fact("ReferralRequested", data, at, sentence)
    yield notice.statement(f"referral/{id}/sent", fact, links=(link,))


def _contract(notice: Notice, detail: Node) -> Node:
    return notice.info if notice.info["contractTypeName"] else detail["referral"]


def _outcome(node: Node) -> str:
    return (
        Node({"it": node.value}, node.path).text("it")
        if isinstance(node.value, str)
        else node.text("description")
    )


def assigned(notice: Notice) -> Iterator[Statement]:
    """The provider took the referral on."""
    detail, id = notice.message.answer(), referral_id(notice)
    provider = detail["referral"]["serviceProvider"].id("id")
    day = notice.day
    data = {"referral_id": id, "provider_id": provider, "accepted_on": day}
    yield notice.statement(f"referral/{id}/assigned", Fact("ReferralAccepted", data, notice.occurred))


def plan(notice: Notice) -> Iterator[Statement]:
    """An action plan."""
    detail = notice.message.answer()
    id = detail.optional_id("referralId") or referral_id(notice)
    at, sessions = detail.instant("submittedAt"), detail.number("numberOfSessions")
    data = {
        "referral_id": id,
        "submitted_on": london_date(at),
        "sessions": None if sessions is None else round(sessions),
    }
    yield notice.statement(f"referral/{id}/plan", Fact("ActionPlanSubmitted", data, at))


def report(notice: Notice) -> Iterator[Statement]:
    """An end of service report."""
    detail, id = notice.message.answer(), referral_id(notice)
    outcomes = [
        {
            "outcome": one["desiredOutcome"].text("description"),
            "result": table("providers", "achievement").of(one, "achievementLevel").word,
        }
        for one in detail.each("outcomes")
    ]
    at = detail.instant("submittedAt") if detail["submittedAt"] else notice.occurred
    data = {"referral_id": id, "submitted_on": london_date(at), "outcomes": outcomes}
    yield notice.statement(f"referral/{id}/report", Fact("EndOfServiceReportSubmitted", data, at))


def concluded(notice: Notice) -> Iterator[Statement]:
    """The referral is over. Of `ended` and `concluded`, which may both come, the later one counts."""
    id, day = referral_id(notice), notice.day
    fact = Fact("ReferralConcluded", {"referral_id": id, "concluded_on": day}, notice.occurred)
    yield notice.statement(f"referral/{id}/concluded", fact)
