"""What courts and prisons tell of a person."""

from __future__ import annotations

from typing import Any

from tests.facts.base import Fact, Options, fact, year_from

_REQUIREMENTS: dict[str, tuple[str, int | None]] = {"rar": ("RAR", 20), "unpaid_work": ("UPW", 100)}


def requirements(text: str) -> list[dict[str, Any]]:
    """Requirements, written `rar 20 RAR1, unpaid_work 100`: the kind and, if it matters, amount and id.

    A field that is named follows as `concurrent_with=UPW`. Without more a RAR is of 20 days and named RAR,
    unpaid work of 100 hours and named UPW, and any other named REQ.
    """
    found = []
    for kind, *words in (part.split() for part in text.split(",") if part.strip()):
        id, amount = _REQUIREMENTS.get(kind, ("REQ", None))
        one: dict[str, Any] = {"requirement_id": id, "kind": kind, "amount": amount}
        for word in words:
            name, named, value = word.partition("=")
            if named:
                one[name] = value
            elif word.isdecimal():
                one["amount"] = int(word)
            else:
                one["requirement_id"] = word
        found.append(one)
    return found


def order(
    day: str,
    ends: str | None = None,
    requires: str = "rar",
    *,
    id: str = "S1",
    level: str = "magistrates",
    born: str = "1990-01-01",
    sex: str = "male",
    cohorts: str = "",
    **options: Options,
) -> Fact:
    """A community order, by default of a year and with a RAR of 20 days."""
    data: dict[str, Any] = {
        "sentence_id": id,
        "kind": "community_order",
        "imposed_on": day,
        "ends_on": ends or year_from(day),
        "court": {"name": "Camden", "level": level},
        "region": "london",
        "pdu": "camden",
        "requirements": requirements(requires),
        "person": {"born_on": born, "sex": sex, "cohorts": cohorts.split()},
        "partner_violence": False,
        "sexual_offence": False,
        "extremism_offence": False,
    }
    return fact("SentenceImposed", day, data, options)


def custodial(day: str, days: int = 365, *, id: str = "S1", **options: Options) -> Fact:
    """A custodial sentence of so many days, without requirements."""
    more = {"kind": "custodial", "ends_on": None, "custodial_days": days}
    return order(day, requires="", id=id, **{**more, **options})


def varied(day: str, ends: str, requires: str = "rar", *, id: str = "S1", **options: Options) -> Fact:
    """An order changed by the court."""
    data = {"sentence_id": id, "varied_on": day, "ends_on": ends, "requirements": requirements(requires)}
    return fact("SentenceVaried", day, data, options)


def revoked(day: str, reason: str = "breach", *, id: str = "S1", **options: Options) -> Fact:
    """A sentence ended by the court."""
    return fact("SentenceRevoked", day, {"sentence_id": id, "revoked_on": day, "reason": reason}, options)


def heard(
    day: str,
    outcome: str = "not_proven",
    *,
    id: str | None = None,
    sentence: str = "S1",
    **options: Options,
) -> Fact:
    """What a breach hearing came to."""
    data = {"hearing_id": id or f"H-{day}", "sentence_id": sentence, "heard_on": day, "outcome": outcome}
    return fact("BreachHearingResulted", day, data, options)


def appealed(
    day: str, *, stayed: bool = True, id: str = "Q1", sentence: str = "S1", **options: Options
) -> Fact:
    """An appeal against a sentence, by default with a stay of enforcement."""
    data = {"appeal_id": id, "sentence_id": sentence, "lodged_on": day, "stayed": stayed}
    return fact("AppealLodged", day, data, options)


def appeal_decided(
    day: str, outcome: str = "dismissed", *, id: str = "Q1", sentence: str = "S1", **options: Options
) -> Fact:
    """An appeal is decided."""
    data = {"appeal_id": id, "sentence_id": sentence, "decided_on": day, "outcome": outcome}
    return fact("AppealDecided", day, data, options)


def released(day: str, ends: str, pss: str | None = None, *, id: str = "S1", **options: Options) -> Fact:
    """Release on licence until `ends`, with post-sentence supervision until `pss`."""
    data = {"sentence_id": id, "released_on": day, "licence_ends_on": ends, "pss_ends_on": pss}
    return fact("PersonReleased", day, data, options)


def release_planned(
    day: str, ends: str, stay: str = "short_term", *, id: str = "S1", **options: Options
) -> Fact:
    """A release planned for that day, on licence until `ends`; recorded long before unless it is said."""
    data = {"sentence_id": id, "release_on": day, "licence_ends_on": ends, "pss_ends_on": None, "stay": stay}
    return fact("ReleasePlanned", day, data, {"recorded": "2016-01-01", **options})


def let_out(
    day: str, until: str | None = None, *, id: str = "G1", sentence: str = "S1", **options: Options
) -> Fact:
    """A temporary release, by default of that day; granted long before unless it is said."""
    data = {"grant_id": id, "sentence_id": sentence, "from": day, "until": until or day}
    return fact("TemporaryReleaseGranted", day, data, {"recorded": "2016-01-01", **options})


def taken(
    day: str, reason: str = "remand", *, id: str = "K1", sentence: str | None = None, **options: Options
) -> Fact:
    """Taken into custody."""
    data = {"custody_id": id, "taken_on": day, "reason": reason, "sentence_id": sentence}
    return fact("PersonTakenIntoCustody", day, data, options)


def left(day: str, *, id: str = "K1", **options: Options) -> Fact:
    """Left custody."""
    return fact("PersonLeftCustody", day, {"custody_id": id, "left_on": day}, options)


def report_asked(
    day: str, *, id: str = "B1", sex: str = "male", born: str = "1990-01-01", **options: Options
) -> Fact:
    """A court asks for a report before sentence."""
    data: dict[str, Any] = {
        "report_id": id,
        "requested_on": day,
        "region": "wales",
        "person": {"born_on": born, "sex": sex, "cohorts": []},
        "partner_violence": False,
        "sexual_offence": False,
        "extremism_offence": False,
        "ogrs": None,
    }
    return fact("PreSentenceReportRequested", day, data, options)


def report_delivered(day: str, proposes: str = "", *, id: str = "B1", **options: Options) -> Fact:
    """The report is delivered, with these programmes proposed."""
    kinds = [{"kind": "accredited_programme", "programme": code} for code in proposes.split()]
    data: dict[str, Any] = {
        "report_id": id,
        "delivered_on": day,
        "format": "standard",
        "proposal": {"requirements": kinds},
    }
    return fact("PreSentenceReportDelivered", day, data, options)
