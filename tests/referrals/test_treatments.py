"""What a treatment needs before it starts (CSTR-2, CSTR-3), and who delivers what takes no place (C1)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from services.referrals.app import SERVICE
from tests import facts as f
from tests.casebook import on
from tests.policies import changed
from tests.table import table

ORDER = f.order("2026-01-05", "2027-01-04", "drug_rehabilitation 10 DRR")
FIRST = f.session("2026-02-09", requirement="DRR")


def escalated(*facts: f.Fact, policy: Any = None) -> list[tuple[str, str]]:
    found = on("2026-06-01", SERVICE, *facts, policy=policy).findings("ReferralEscalated")
    return [(one.event.step, str(one.event.due_on)) for one in found]


ASKED: dict[str, Any] = {"kind": "treatment", "need": None, "id": "F1", "requirement_id": "DRR"}
YES = f.referral_asked("2026-01-12", **ASKED | {"consented": True})
NO = f.referral_asked("2026-01-12", **ASKED | {"consented": False})
UNKNOWN = f.referral_asked("2026-01-12", **ASKED | {"consented": None})
ACCEPTED = f.accepted("2026-01-20", id="DRR")


@table(
    """
    | case                                             | facts                                         | lacking |
    | it has not started                               |                                               | [] |
    | missed sessions do not start it                  | 2026-02-02 session unacceptable_absence requirement=DRR | [] |
    | no provider is named                             | FIRST                                         | [("named_provider", "2026-02-09")] |
    | one has accepted                                 | FIRST; ACCEPTED                               | [] |
    | on the day of the first session                  | FIRST; 2026-02-09 accepted id=DRR             | [] |
    | after it                                         | FIRST; 2026-02-10 accepted id=DRR             | [("named_provider", "2026-02-09")] |
    | one has taken over                               | FIRST; 2026-02-01 handed_over id=DRR          | [] |
    | asked for with consent                           | FIRST; YES; 2026-01-20 accepted id=F1         | [] |
    | the person does not consent                      | FIRST; ACCEPTED; NO                           | [("consent", "2026-02-09")] |
    | whether they consent is not known                | FIRST; ACCEPTED; UNKNOWN                      | [("consent", "2026-02-09")] |
    | neither consent nor provider                     | FIRST; NO                                     | [("consent", "2026-02-09"), ("named_provider", "2026-02-09")] |
    """,  # noqa: E501
    FIRST=FIRST,
    ACCEPTED=ACCEPTED,
    YES=YES,
    NO=NO,
    UNKNOWN=UNKNOWN,
)
def test_cstr_3_a_treatment_starts_with_consent_and_a_named_provider(
    facts: list[f.Fact], lacking: list[tuple[str, str]]
) -> None:
    assert escalated(ORDER, *facts) == lacking


def test_cstr_3_a_start_is_told_even_where_something_is_lacking() -> None:
    assert (
        str(on("2026-06-01", SERVICE, ORDER, FIRST, NO).one("InterventionStarted").started_on) == "2026-02-09"
    )


def test_cstr_3_a_programme_starts_without_either() -> None:
    programme = f.order("2026-01-05", "2027-01-04", "accredited_programme 10 DRR")
    assert escalated(programme, FIRST) == []


def test_cstr_2_where_there_is_no_site_for_a_treatment_the_referral_is_escalated_at_once(
    tmp_path: Path,
) -> None:
    policy = changed(SERVICE, tmp_path, treatment_sites='["mental_health_treatment", "alcohol_treatment"]')
    assert escalated(ORDER, policy=policy) == [("treatment_site", "2026-01-05")]
    assert escalated(f.order("2026-01-05", "2027-01-04", "alcohol_treatment"), policy=policy) == []
    assert escalated(ORDER) == []


# -- who delivers ------------------------------------------------------------------------------------


def provider(requires: str, day: str, **options: Any) -> str | None:
    case = on(day, SERVICE, f.order(day, "2023-01-31", requires, **options))
    found: str | None = case.one("ReferralMade").provider_id
    return found


def test_c1_companies_delivered_until_the_probation_service_began() -> None:
    assert provider("unpaid_work", "2021-06-25") == "crc"
    assert provider("unpaid_work", "2021-06-26") is None
    assert provider("accredited_programme", "2021-06-25") == "crc"


def test_prov_5_in_wales_they_delivered_as_long() -> None:
    assert provider("unpaid_work", "2019-12-02", region="wales", pdu="gwent") == "crc"


def test_c1_treatments_are_for_local_health_services() -> None:
    assert provider("drug_rehabilitation", "2021-06-25") is None


def test_ap_5_companies_never_delivered_what_is_reserved() -> None:
    assert provider("accredited_programme 20 HZ programme=HORIZON", "2021-06-25") is None


def test_prov_6_hours_and_clocks_go_on_when_the_probation_service_takes_over() -> None:
    order = f.order("2021-06-07", "2022-06-06", "unpaid_work 100")
    hours = f.work("2021-06-14", minutes=420), f.work("2021-07-12", minutes=420)
    over = f.handed_over("2021-06-26", None, id="UPW", provider="crc")
    case = on("2021-08-01", SERVICE, order, *hours, over)
    made = case.open("ReferralMade")
    assert {key: event.provider_id for key, event in made.items()} == {"UPW": "crc", "UPW/2021-06-26": None}
    assert [event.worked_minutes for event in case.open("UnpaidWorkCredited").values()] == [420, 840]
    assert case.open("UnpaidWorkStartOverdue") == {}
    late = on("2021-08-01", SERVICE, order, over).one("UnpaidWorkStartOverdue")
    assert str(late.due_on) == "2021-07-05"


def test_df_10_a_treatment_that_its_provider_declines_is_escalated_at_once() -> None:
    order = f.order("2026-06-01", "2027-05-31", "alcohol_treatment")
    case = on("2026-06-08", SERVICE, order, f.declined("2026-06-08", id="REQ", provider="N1"))
    declined = case.one("ReferralEscalated")
    assert (declined.referral_id, declined.step, str(declined.due_on)) == ("REQ", "declined", "2026-06-08")
