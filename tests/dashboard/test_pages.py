"""What each page shows, and to whom."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from services.dashboard.model.adding import Message
from services.dashboard.settings import DashboardSettings
from services.dashboard.web.download import as_csv
from shared.answers.open_items import waiting
from shared.answers.standing import Standing
from shared.settings import SettingsError
from tests.dashboard.conftest import ENCRYPTED, KEY, messages
from tests.dashboard.site import PROXY_KEY, Site, a_person


async def test_the_first_page_lists_what_is_open_in_the_region_and_nothing_else(site: Site) -> None:
    person = await a_person(site)
    page = await site.get("/", **site.region(person["region"]))
    assert page.status == 200
    [state] = await site.read.rows("select day from state")
    items = waiting(Standing(site.played.events), state["day"])
    people = [item for item in items if item.person.startswith("X")]
    here = {item.person for item in people if item.place.region == person["region"]}
    elsewhere = {item.person for item in people} - here
    assert person["subject"] in here
    assert [crn for crn in here if crn not in page.text] == []
    assert [crn for crn in elsewhere if f">{crn}<" in page.text] == []


async def test_the_download_is_what_the_list_shows_with_what_its_columns_mean(site: Site) -> None:
    person = await a_person(site)
    file = await site.get("/today.csv", **site.region(person["region"]))
    header, definitions, *rows = csv.reader(io.StringIO(file.text.removeprefix("\ufeff")))
    assert header[:3] == ["due", "overdue", "what"]
    assert definitions[0] == "date by which it is to be done; empty where no rule sets one"
    shown = await site.read.rows(
        "select due_on from open_items where region = $1 order by due_on nulls last, type, event_id",
        person["region"],
    )
    assert [row[0] for row in rows] == [r["due_on"].isoformat() if r["due_on"] else "" for r in shown]


@pytest.mark.parametrize("when", ["overdue", "today", "week", "later", "undated"])
async def test_each_part_of_the_list_has_as_many_items_as_it_counts(site: Site, when: str) -> None:
    person = await a_person(site)
    pdu, own = quote(person["pdu"]), person["practitioner_id"]
    places = ("", f"pdu={pdu}", "team=generic", f"practitioner={own}", "kind=OutcomeOverdue")
    for filters in (f"{place}&when={when}" for place in places):
        page = await site.get(f"/?{filters}", **site.region(person["region"]))
        file = await site.get(f"/today.csv?{filters}", **site.region(person["region"]))
        rows = list(csv.reader(io.StringIO(file.text.removeprefix("\ufeff"))))[2:]
        counted = re.search(r'aria-current="true">\s*<b>(\d+)</b>', page.text)
        assert counted is not None
        assert int(counted[1]) == len(rows), filters


def test_a_cell_that_a_spreadsheet_would_run_is_text() -> None:
    text = as_csv({"a": "b"}, [["=1+1"], ["@x"], ["-3"], [-3]])
    assert text.splitlines()[2:] == ["'=1+1", "'@x", "'-3", "-3"]


async def test_a_case_shows_why_with_the_rule_in_words_and_its_evidence(site: Site) -> None:
    person = await a_person(site)
    page = await site.get(f"/cases/{person['token']}", **site.region(person["region"]))
    assert page.status == 200
    assert person["practitioner_id"] in page.text
    assert "Policy in force: allocation@" in page.text
    assert 'href="#e-' in page.text


async def test_each_look_at_a_case_is_written_down_and_so_is_each_refusal(site: Site) -> None:
    person = await a_person(site)
    other = "wales" if person["region"] != "wales" else "london"
    await site.get(f"/cases/{person['token']}", **site.region(person["region"]))
    refused = await site.get(f"/cases/{person['token']}", **site.region(other))
    assert refused.status == 403
    assert person["subject"] not in refused.text
    national = {"user": "N1", "role": "national", "proxy_key": PROXY_KEY}
    assert (await site.get(f"/cases/{person['token']}", **national)).status == 403
    views = await site.read.rows("select viewer, role, person, shown from case_views order by id")
    assert [(v["viewer"], v["shown"]) for v in views] == [("R1", True), ("R1", False), ("N1", False)]


async def test_a_limited_case_is_counted_but_neither_listed_nor_opened_without_the_grant(site: Site) -> None:
    person = await a_person(site)
    change = {
        "specversion": "1.0",
        "id": "access-1",
        "source": "/feeds/practice",
        "type": "CaseAccessChanged",
        "subject": person["subject"],
        "time": "2020-01-01T09:00:00Z",
        "data": {"access_id": "a1", "limited": True, "effective_on": "2020-01-01"},
    }
    who = site.region(person["region"])
    before = await site.get("/", **who)
    await site.read.take(messages([json.dumps(change).encode()]))
    for address in ("/", "/today.csv"):
        assert person["subject"] not in (await site.get(address, **who)).text
    after = await site.get("/", **who)
    assert "counted, but not listed" in after.text
    assert _open(after.text) == _open(before.text)
    assert (await site.get(f"/cases/{person['token']}", **who)).status == 403
    granted = site.region(person["region"], grants=person["subject"])
    assert person["subject"] in (await site.get("/", **granted)).text
    assert (await site.get(f"/cases/{person['token']}", **granted)).status == 200


def _open(text: str) -> str:
    return text.partition(" open</h2>")[0].rpartition(">")[2]


async def test_national_sees_numbers_only_and_an_operator_none(site: Site) -> None:
    person = await a_person(site)
    national = {"user": "N1", "role": "national", "proxy_key": PROXY_KEY}
    page = await site.get("/", **national)
    assert page.status == 200
    assert person["subject"] not in page.text
    assert person["practitioner_id"] not in (await site.get("/workload", **national)).text
    for address in ("/today.csv", "/workload.csv", f"/cases/{person['token']}"):
        assert (await site.get(address, **national)).status == 403
    operator = {"user": "O1", "role": "operator", "proxy_key": PROXY_KEY}
    assert (await site.get("/", **operator)).status == 403
    assert (await site.get("/system", **operator)).status == 200


async def test_a_practitioner_sees_their_own_delivery_unit_and_begins_with_their_own_cases(
    site: Site,
) -> None:
    person = await a_person(site)
    who = {
        "user": person["practitioner_id"],
        "role": "practitioner",
        "region": person["region"],
        "pdu": person["pdu"].upper(),
        "proxy_key": PROXY_KEY,
    }
    first = await site.get("/", **who)
    assert (first.status, first.headers["location"]) == (303, f"/?practitioner={person['practitioner_id']}")
    assert person["subject"] in (await site.get(first.headers["location"], **who)).text


@pytest.mark.parametrize(
    "who",
    [
        {},
        {"user": "A", "role": "region", "region": "london"},
        {"user": "A", "role": "region", "region": "london", "proxy_key": "another key, made up"},
        {"user": "A", "role": "king", "proxy_key": PROXY_KEY},
        {"role": "region", "region": "london", "proxy_key": PROXY_KEY},
        {"user": "A", "role": "practitioner", "region": "london", "proxy_key": PROXY_KEY},
        {"user": "A", "role": "region", "region": "atlantis", "proxy_key": PROXY_KEY},
    ],
)
async def test_who_is_not_vouched_for_sees_nothing(site: Site, who: dict[str, str]) -> None:
    for address in ("/", "/today.csv", "/workload", "/system"):
        assert (await site.get(address, **who)).status == 401


async def test_addresses_contain_no_case_number(site: Site) -> None:
    person = await a_person(site)
    who = site.region(person["region"])
    found = await site.post("/find", {"crn": f" {person['subject'].lower()} "}, **who)
    assert (found.status, found.headers["location"]) == (303, f"/cases/{person['token']}")
    page = await site.get("/", **who)
    links = [part.partition('"')[0] for part in page.text.split('href="')[1:]]
    assert not [link for link in links if person["subject"] in link]
    unknown = await site.post("/find", {"crn": "X999999"}, **who)
    assert (await site.get(unknown.headers["location"], **who)).status == 404


async def test_a_past_day_as_it_was_known_then_and_as_it_is_known_now(site: Site) -> None:
    person = await a_person(site)
    who = site.region(person["region"])
    address = f"/cases/{person['token']}"
    [first] = await site.read.rows(
        "select min(known_on) as day from events where subject = $1", person["subject"]
    )
    early = await site.get(f"{address}?day={first['day'].replace(year=2000)}&known=then", **who)
    assert "Nothing had been recorded by then." in early.text
    for known in ("then", "now"):
        page = await site.get(f"{address}?day={first['day']}&known={known}", **who)
        assert page.status == 200
        assert f"as it {'was known then' if known == 'then' else 'is known now'}" in page.text
    assert (await site.get(f"{address}?day=yesterday", **who)).status == 400


async def test_workload_names_the_practitioners_of_the_place(site: Site) -> None:
    person = await a_person(site)
    page = await site.get("/workload", **site.region(person["region"]))
    assert person["practitioner_id"] in page.text


@pytest.mark.parametrize(
    "address", ["/?region=atlantis", "/?kind=Nothing", "/?when=never", "/?page=0", "/?page=x"]
)
async def test_a_wrong_filter_is_said_in_words(site: Site, address: str) -> None:
    page = await site.get(address, **site.region("london"))
    assert (page.status, "There is" in page.text) == (400, True)


async def test_an_answer_allows_only_scripts_that_we_serve_and_no_other_host(site: Site) -> None:
    for address in ("/", "/nothing", "/static/dashboard.css", "/static/nothing.css"):
        page = await site.get(address, **site.region("london"))
        policy = page.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self';")
        assert "unsafe" not in policy
        assert "http" not in policy
    text = (await site.get("/", **site.region("london"))).text
    assert "style=" not in text
    assert re.findall('<script(?! src="/static/[^"]+"></script>)', text) == []


async def test_before_the_first_facts_are_read_pages_say_so(empty: Site) -> None:
    page = await empty.get("/", **empty.region("london"))
    assert (page.status, "is being prepared" in page.text) == (503, True)


async def test_with_no_facts_pages_say_that_nothing_is_open(empty: Site) -> None:
    await empty.read.serve()
    who = empty.region("london")
    assert "Nothing is open." in (await empty.get("/", **who)).text
    assert "No practitioner has been allocated a case yet." in (await empty.get("/workload", **who)).text


async def test_a_page_says_when_it_is_not_current(site: Site) -> None:
    await site.read.rows("select 1")
    await site.read.connection.execute(
        f"update {site.read.model.schema}.state set up_to = now() - interval '5 minutes'"
    )
    assert "Not current:" in (await site.get("/", **site.region("london"))).text


def test_in_production_somebody_must_vouch_for_who_asks() -> None:
    given = {
        "kafka_bootstrap_servers": "a:1",
        "database_url": "postgresql://u@localhost/d",
        **ENCRYPTED,
        "erasure_key": KEY.decode(),
    }
    with pytest.raises(SettingsError, match="PROBATION_DASHBOARD_PROXY_KEY is missing"):
        DashboardSettings.model_validate(given).check()


async def test_an_operator_sees_what_services_refused_and_how_to_send_it_again(site: Site) -> None:
    headers = [
        ("dead-letter-reason", b"wrong_data"),
        ("dead-letter-explanation", b"data.held_on: a date is missing"),
        ("dead-letter-from", b"probation.practice/3/17"),
    ]
    letter = Message(
        "contacts.dead-letter", 3, 0, b"what it said", headers, at=datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
    )
    await site.read.take([letter, replace(letter, offset=1)])
    page = await site.get("/system", user="O1", role="operator", proxy_key=PROXY_KEY)
    assert "data.held_on: a date is missing" in page.text
    assert "5 January 2026, 09:30" in page.text
    assert "probation dead-letters redrive contacts --reason wrong_data" in page.text
    assert "what it said" not in page.text
    [row] = await site.read.rows("select count(*)::int as n from dead_letters")
    assert row["n"] == 1


async def test_without_refused_messages_the_operator_is_told_so(site: Site) -> None:
    page = await site.get("/system", user="O1", role="operator", proxy_key=PROXY_KEY)
    assert "No service has published a refused message." in page.text
