"""Invented hearings in the shape of the courts' Common Platform."""

from __future__ import annotations

from typing import Any

COMMUNITY_ORDER = "418b3aa7-65ab-4a4a-bab9-2f96b698118c"
SUSPENDED = "8b1cff00-0000-4000-8000-000000000000"
CUSTODY = "abb95a52-0000-4000-8000-000000000000"
UNPAID_WORK = "9bec5977-1796-4645-9b9e-687d4f23d37d"
RAR = "ce5f92f8-0000-4000-8000-000000000000"
REPORT = "029d370b-90f5-4650-b985-a61e9ec8db99"
PNC = "2001/0123456F"


def prompts(**values: str) -> list[dict[str, str]]:
    """The prompts that were filled in."""
    return [{"promptReference": name, "value": value} for name, value in values.items()]


def result(id: str, type_id: str | None = None, /, root: str | None = None, **more: Any) -> dict[str, Any]:
    """One judicial result; `given` are its prompts."""
    given = more.pop("given", {})
    line = {
        "judicialResultId": id,
        "judicialResultTypeId": type_id,
        "orderedHearingId": "H1",
        "orderedDate": "2026-03-02",
        "rootJudicialResultId": root,
        "judicialResultPrompts": prompts(**given),
    }
    return {name: value for name, value in (line | more).items() if value is not None}


def order(id: str = "R1", end: str = "01/03/2027", **more: Any) -> dict[str, Any]:
    """A community order."""
    return result(id, COMMUNITY_ORDER, given={"endDate": end}, **more)


def unpaid_work(hours: str = "80 Hours", id: str = "R2", root: str = "R1") -> dict[str, Any]:
    """An unpaid work requirement."""
    return result(id, UNPAID_WORK, root, given={"numberOfHours": hours})


def defendant(*results: dict[str, Any], id: str = "D1", master: str = "M1", **more: Any) -> dict[str, Any]:
    """A defendant with the results of one offence."""
    details = {"firstName": "Ada", "lastName": "Example", "dateOfBirth": "1990-05-17", "gender": "FEMALE"}
    return {
        "id": id,
        "masterDefendantId": master,
        "pncId": PNC,
        "personDefendant": {"personDetails": details | more.pop("details", {})},
        "offences": [{"offenceCode": more.pop("offence", "TH68010"), "judicialResults": list(results)}],
        **more,
    }


def hearing(
    *defendants: dict[str, Any],
    id: str = "H1",
    shared: str = "2026-03-02T11:00:00Z",
    applications: tuple[dict[str, Any], ...] = (),
    **more: Any,
) -> dict[str, Any]:
    """A resulted hearing with one case."""
    inner = {
        "id": id,
        "jurisdictionType": "MAGISTRATES",
        "courtCentre": {"code": "B99ZZ00", "name": "Exampletown Magistrates' Court"},
        "hearingDays": [{"sittingDay": "2026-03-02T10:00:00Z"}],
        "prosecutionCases": [
            {"prosecutionCaseIdentifier": {"caseURN": "99 ZZ 0000126"}, "defendants": list(defendants)}
        ],
        "courtApplications": list(applications),
    }
    return {"sharedTime": shared, "hearing": inner, **more}


def application(code: str, *results: dict[str, Any], id: str = "A1", master: str = "M1") -> dict[str, Any]:
    """An application about the community order of hearing H1."""
    return {
        "id": id,
        "type": {"code": code},
        "subject": {"masterDefendant": {"masterDefendantId": master, "pncId": PNC}},
        "courtOrder": {"orderingHearingId": "H1", "judicialResultTypeId": COMMUNITY_ORDER},
        "judicialResults": list(results),
    }


def by_cjs(id: str, cjs: str, **given: str) -> dict[str, Any]:
    """A result that is known by its cjs code only."""
    return result(id, None, cjsCode=cjs, given=given, orderedDate="2026-06-01")
