"""Messages that must be refused, each broken differently, with the reason and the start of the message."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from schemas.catalogue import CATALOGUE
from tests.schemas import encode, golden

Change = Callable[[dict[str, Any]], Any]


RAW = encode(golden("ContactOutcomeRecorded"))

UNREADABLE: dict[str, bytes] = {
    "empty": b"",
    "blank": b"  ",
    "text": b"hello",
    "cut off": RAW[:-1],
    "two documents": RAW + RAW,
    "a byte order mark": b"\xef\xbb\xbf" + RAW,
    "UTF-16": RAW.decode().encode("utf-16"),
    "invalid UTF-8": RAW.replace(b"X123456", b"X\xff23456"),
    "an overlong UTF-8 sequence": RAW.replace(b"X123456", b"\xc0\xaf"),
    "a surrogate in UTF-8": RAW.replace(b"X123456", b"\xed\xa0\x80"),
    "a lone surrogate": RAW.replace(b"X123456", rb"\ud800"),
    "U+0000 escaped": RAW.replace(b"X123456", rb"X\u000023456"),
    "U+0000 escaped after a backslash": RAW.replace(b"X123456", rb"X\\\u000023456"),
    "U+0000 in a field that nobody reads": RAW.replace(b'"data":', rb'"x":"\u0000","data":'),
    "U+0000 raw": RAW.replace(b"X123456", b"X\x0023456"),
    "a control character": RAW.replace(b"X123456", b"X\n23456"),
    "NaN": RAW.replace(b"true", b"NaN"),
    "NaN in a field that nobody reads": RAW.replace(b'"data":', b'"x":NaN,"data":'),
    "Infinity after a text with quotes": RAW.replace(b'"data":', rb'"x":"\"","y":-Infinity,"data":'),
    "a number of 5,000 digits": RAW.replace(b"true", b"9" * 5000),
    "a leading zero": RAW.replace(b"true", b"01"),
    "a trailing comma": RAW[:-1] + b",}",
    "single quotes": RAW.replace(b'"', b"'"),
    "a comment": b"/* */" + RAW,
    "nested 100,000 deep": RAW.replace(b"true", b"[" * 100_000 + b"]" * 100_000),
    "objects nested 100,000 deep": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "an open nest": b"[" * 1_000_000,
    "5 MB": RAW[:-1] + b',"x":"' + b"a" * 5_000_000 + b'"}',
    "5 MB of blanks": RAW + b" " * 5_000_000,
}


def _set(**values: Any) -> Change:
    return lambda event: event.update(values)


def _without(name: str) -> Change:
    return lambda event: event.pop(name)


def _data(**values: Any) -> Change:
    return lambda event: event["data"].update(values)


def _data_without(name: str) -> Change:
    return lambda event: event["data"].pop(name)


def not_voided_without(name: str) -> Change:
    """Leave out a field of an event that happened: one that voids another needs few."""

    def change(event: dict[str, Any]) -> None:
        event["data"].pop(name)
        event["data"].pop("voided", None)

    return change


BROKEN_CONTACTS: dict[str, tuple[str, Change, str]] = {
    "specversion missing": ("not_cloudevent", _without("specversion"), "specversion: "),
    "specversion 0.3": ("not_cloudevent", _set(specversion="0.3"), "specversion: "),
    "specversion a number": ("not_cloudevent", _set(specversion=1.0), "specversion: "),
    "id missing": ("not_cloudevent", _without("id"), "id: "),
    "id empty": ("not_cloudevent", _set(id=""), "id: "),
    "id a number": ("not_cloudevent", _set(id=7), "id: "),
    "id too long": ("not_cloudevent", _set(id="x" * 256), "id: "),
    "id with a line break": ("not_cloudevent", _set(id="a\nb"), "id: "),
    "source missing": ("not_cloudevent", _without("source"), "source: "),
    "source empty": ("not_cloudevent", _set(source=""), "source: "),
    "source with a blank": ("not_cloudevent", _set(source="/feeds/ practice"), "source: "),
    "type missing": ("not_cloudevent", _without("type"), "type: "),
    "type null": ("not_cloudevent", _set(type=None), "type: "),
    "type a list": ("not_cloudevent", _set(type=["ContactOutcomeRecorded"]), "type: "),
    "time missing": ("not_cloudevent", _without("time"), "time: "),
    "time a date": ("not_cloudevent", _set(time="2026-06-09"), "time: "),
    "time without offset": ("not_cloudevent", _set(time="2026-06-09T08:15:00"), "time: "),
    "time a Unix timestamp": ("not_cloudevent", _set(time=1781000000), "time: "),
    "time a Unix timestamp in a text": ("not_cloudevent", _set(time="1781000000"), "time: "),
    "time without seconds": ("not_cloudevent", _set(time="2026-06-09T08:15Z"), "time: "),
    "time of 30 February": ("not_cloudevent", _set(time="2026-02-30T08:15:00Z"), "time: "),
    "time with hour 24": ("not_cloudevent", _set(time="2026-02-03T24:15:00Z"), "time: "),
    "time in the year 0": ("not_cloudevent", _set(time="0000-01-01T00:00:00Z"), "time: "),
    "time that no calendar has in UTC": ("not_cloudevent", _set(time="0001-01-01T00:00:00+23:00"), "time: "),
    "recordedtime a text": ("not_cloudevent", _set(recordedtime="yesterday"), "recordedtime: "),
    "datacontenttype XML": ("not_cloudevent", _set(datacontenttype="application/xml"), "datacontenttype: "),
    "dataschema elsewhere": (
        "not_cloudevent",
        _set(dataschema="https://example.org/contact"),
        "dataschema: ",
    ),
    "dataschema of another version": (
        "unknown_version",
        _set(dataschema="https://schemas.probation.example/ContactOutcomeRecorded/2", data={}),
        "dataschema is not a known version of ContactOutcomeRecorded; the known version is "
        "https://schemas.probation.example/ContactOutcomeRecorded/1",
    ),
    "traceparent a number": ("not_cloudevent", _set(traceparent=5), "traceparent: "),
    "subject missing": ("wrong_subject", _without("subject"), "subject: "),
    "subject null": ("wrong_subject", _set(subject=None), "subject: "),
    "subject empty": ("wrong_subject", _set(subject="", partitionkey=""), "subject: "),
    "subject in small letters": ("wrong_subject", _set(subject="x123456"), "subject: "),
    "subject a name": ("wrong_subject", _set(subject="Jane Doe"), "subject: "),
    "subject too long": ("wrong_subject", _set(subject="X" * 33), "subject: "),
    "subject and a line break": ("wrong_subject", _set(subject="X123456\n"), "subject: "),
    "partitionkey another": (
        "wrong_subject",
        _set(partitionkey="X654321"),
        "partitionkey is not the subject",
    ),
    "data missing": ("wrong_data", _without("data"), "data: "),
    "data null": ("wrong_data", _set(data=None), "data: "),
    "data a text": ("wrong_data", _set(data=json.dumps({"contact_id": "C-1"})), "data: "),
    "data in base64 only": ("wrong_data", lambda e: e.update(data_base64=e.pop("data") and "e30="), "data: "),
    "field missing": ("wrong_data", _data_without("outcome"), "data.outcome: "),
    "field null": ("wrong_data", _data(outcome=None), "data.outcome: "),
    "unknown outcome": ("wrong_data", _data(outcome="went_home"), "data.outcome: "),
    "outcome in capitals": ("wrong_data", _data(outcome="COMPLIED"), "data.outcome: "),
    "bool as text": ("wrong_data", _data(national_standard="true"), "data.national_standard: "),
    "bool as number": ("wrong_data", _data(national_standard=1), "data.national_standard: "),
    "id as number": ("wrong_data", _data(contact_id=17), "data.contact_id: "),
    "contact without id": ("wrong_data", _data(contact_id=""), "data.contact_id: "),
    "id with a slash": ("wrong_data", _data(contact_id="a/b"), "data.contact_id: "),
    "id with a blank": ("wrong_data", _data(contact_id="a b"), "data.contact_id: "),
    "date with a time": ("wrong_data", _data(occurred_on="2026-01-01T00:00:00"), "data.occurred_on: "),
    "date with a time and offset": (
        "wrong_data",
        _data(occurred_on="2026-01-01T00:00:00Z"),
        "data.occurred_on: ",
    ),
    "date as Unix timestamp": ("wrong_data", _data(occurred_on=1699920000), "data.occurred_on: "),
    "date as Unix timestamp in a text": ("wrong_data", _data(occurred_on="1699920000"), "data.occurred_on: "),
    "date in British order": ("wrong_data", _data(occurred_on="01-06-2026"), "data.occurred_on: "),
    "date without zeros": ("wrong_data", _data(occurred_on="2026-6-1"), "data.occurred_on: "),
    "date with a blank": ("wrong_data", _data(occurred_on="2026-06-01 "), "data.occurred_on: "),
    "date in Arabic digits": ("wrong_data", _data(occurred_on="٢٠٢٦-٠٦-٠١"), "data.occurred_on: "),
    "29 February of no leap year": ("wrong_data", _data(occurred_on="2026-02-29"), "data.occurred_on: "),
    "31 June": ("wrong_data", _data(occurred_on="2026-06-31"), "data.occurred_on: "),
    "year 9999": ("wrong_data", _data(occurred_on="9999-12-31"), "data.occurred_on: "),
    "voided as text": ("wrong_data", _data(voided="no"), "data.voided: "),
    "excused without reason": (
        "wrong_data",
        _data(acceptable_reason=None),
        "data: acceptable_reason is required for an acceptable absence",
    ),
}


BROKEN_OTHERS: dict[str, tuple[str, str, Change, str]] = {
    "practitioner another": (
        "PractitionerUpdated",
        "wrong_subject",
        _set(subject="N1", partitionkey="N1"),
        "subject is not data.practitioner_id",
    ),
    "provider another": (
        "ProviderQualified",
        "wrong_subject",
        _data(provider_id="PR-2"),
        "subject is not data.provider_id",
    ),
    "region another": (
        "ServiceCallPosted",
        "wrong_subject",
        _data(region="wales"),
        "subject is not data.region",
    ),
    "region unknown": (
        "ProposalSubmitted",
        "wrong_subject",
        _set(subject="essex", partitionkey="essex"),
        "subject: ",
    ),
    "no why": ("ContactMissed", "wrong_data", _data_without("why"), "data: why is required"),
    "why null": ("ContactMissed", "wrong_data", _data(why=None), "data: why is required"),
    "why without rules": ("ContactMissed", "wrong_data", _data(why={"policy": "p"}), "data.why.rules: "),
    "withdrawn for no reason": ("Withdrawn", "wrong_data", _data(reason="done"), "data.reason: "),
    "the Python name of a field": (
        "ContactPlanSet",
        "wrong_data",
        lambda event: event["data"].update(from_=event["data"].pop("from")),
        "data.from: ",
    ),
    "an order without end": (
        "SentenceImposed",
        "wrong_data",
        _data(ends_on=None),
        "data: ends_on is required",
    ),
    "an order that ends before it starts": (
        "SentenceImposed",
        "wrong_data",
        _data(ends_on="2026-05-31"),
        "data: ends_on is before imposed_on",
    ),
    "a custodial sentence with an end": (
        "SentenceImposed",
        "wrong_data",
        _data(kind="custodial"),
        "data: ends_on is for orders only",
    ),
    "a programme that is none": (
        "SentenceImposed",
        "wrong_data",
        lambda event: event["data"]["requirements"][0].update(programme="bbr"),
        "data.requirements.0: programme is for accredited programmes only",
    ),
    "hours not said": (
        "SentenceImposed",
        "wrong_data",
        lambda event: event["data"]["requirements"][0].pop("amount"),
        "data.requirements.0: amount is required",
    ),
    "hours below nothing": (
        "SentenceImposed",
        "wrong_data",
        lambda event: event["data"]["requirements"][0].update(amount=-40),
        "data.requirements.0.amount: ",
    ),
    "half an hour": (
        "SentenceImposed",
        "wrong_data",
        lambda event: event["data"]["requirements"][0].update(amount=40.5),
        "data.requirements.0.amount: ",
    ),
    "hours beyond any number": (
        "SentenceImposed",
        "wrong_data",
        lambda event: event["data"]["requirements"][0].update(amount=10**40),
        "data.requirements.0.amount: ",
    ),
    "a requirement twice": (
        "SentenceVaried",
        "wrong_data",
        lambda event: event["data"]["requirements"].append(event["data"]["requirements"][0]),
        "data: two requirements have the same requirement_id",
    ),
    "OGRS of 101": ("RiskAssessed", "wrong_data", _data(ogrs=101), "data.ogrs: "),
    "RSR that is no number": ("RiskAssessed", "wrong_data", _data(rsr="7.5"), "data.rsr: "),
    "RSR beyond any number": ("RiskAssessed", "wrong_data", _data(rsr=1e300), "data.rsr: "),
    "MAPPA level 4": (
        "RiskAssessed",
        "wrong_data",
        _data(mappa={"level": 4, "category": 1}),
        "data.mappa.level: ",
    ),
    "supervision that ends before the licence": (
        "PersonReleased",
        "wrong_data",
        _data(pss_ends_on="2026-12-31"),
        "data: pss_ends_on is before licence_ends_on",
    ),
    "a licence that ends before the release": (
        "PersonReleased",
        "wrong_data",
        _data(licence_ends_on="2026-06-30"),
        "data: supervision ends before the release",
    ),
    "a day of 25 hours": ("SessionRecorded", "wrong_data", _data(minutes=1500), "data.minutes: "),
    "an instant without offset": (
        "EnforcementActionTaken",
        "wrong_data",
        _data(taken_at="2026-06-16T14:30:00"),
        "data.taken_at: ",
    ),
    "a rationale of 4,001 characters": (
        "EnforcementActionTaken",
        "wrong_data",
        _data(rationale="x" * 4001),
        "data.rationale: ",
    ),
    "a service without need": ("ReferralRequested", "wrong_data", _data(need=None), "data: need is required"),
    "a programme without name": (
        "ReferralRequested",
        "wrong_data",
        _data(kind="accredited_programme"),
        "data: programme is required",
    ),
    "an intervention without either": (
        "ReferralRequested",
        "wrong_data",
        _data(kind="structured_intervention", need=None),
        "data: programme or need is required",
    ),
    "a call that closed before it opened": (
        "ServiceCallPosted",
        "wrong_data",
        _data(closes_on="2026-01-31"),
        "data: closes_on is before posted_on",
    ),
    "eligible for both": (
        "EligibilityAssessed",
        "wrong_data",
        _data(sentence_id="S-1001"),
        "data: either report_id or sentence_id is required",
    ),
    "an intervention of nobody": (
        "InterventionStarted",
        "wrong_data",
        _data(requirement_id=None),
        "data: referral_id or requirement_id is required",
    ),
    "merged into nobody": ("PersonMerged", "wrong_data", _data(into="someone"), "data.into: "),
    "a day with a time": ("DayStarted", "wrong_data", _data(date="2026-06-09T00:00:00"), "data.date: "),
}


def broken_messages() -> Iterator[tuple[str, bytes, str]]:
    """All messages in this file: name, bytes, reason."""
    for name, raw in UNREADABLE.items():
        yield name, raw, "unreadable"
    for name, (reason, change, _) in BROKEN_CONTACTS.items():
        yield name, broken("ContactOutcomeRecorded", change), reason
    for name, (type, reason, change, _) in BROKEN_OTHERS.items():
        yield name, broken(type, change), reason
    for type, entry in CATALOGUE.items():
        for field, info in entry.model.model_fields.items():
            if info.is_required():
                yield (
                    f"{type} without {field}",
                    broken(type, not_voided_without(info.alias or field)),
                    "wrong_data",
                )


def broken(type: str, change: Change) -> bytes:
    """The example of a type, changed."""
    event = golden(type)
    change(event)
    return encode(event)
