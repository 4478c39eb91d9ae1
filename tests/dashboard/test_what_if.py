"""What another policy would change, on the dashboard: what each may see of a trial."""

from __future__ import annotations

import csv
import io
import json
import re
import secrets
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest

from services.dashboard.model.taking import erased_hash
from services.dashboard.model.what_ifs import forget_erased, publish
from services.dashboard.web.access import REGIONS
from tests.dashboard.conftest import KEY, Caseload, Read, messages
from tests.dashboard.site import PROXY_KEY, Site
from tests.dashboard.what_ifs import NAME, TRIED, Event, Trial, trial

NATIONAL = {"user": "N1", "role": "national", "proxy_key": PROXY_KEY}
EVERYWHERE = {"user": "R1", "role": "region", "region": ",".join(REGIONS), "proxy_key": PROXY_KEY}


@dataclass
class Shown:
    """A trial on the dashboard."""

    site: Site
    trial: Trial
    address: str

    async def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        return await self.site.read.rows(query, *values)


@pytest.fixture
async def shown(site: Site) -> Shown:
    tried = trial(site.played.events)
    await site.read.rows("select 1")
    id = await publish(site.read.connection, tried.result)
    return Shown(site, tried, f"/what-if/{id}")


def numbers(page: str) -> list[int]:
    """The numbers on top: in force, tried, and how many appear, vanish and change."""
    return [int(found.replace(",", "")) for found in re.findall(r"<b>([\d,]+)</b>", page)]


def table(file: str) -> list[dict[str, str]]:
    """The rows of a download, without what its columns mean."""
    return list(csv.DictReader(io.StringIO(file.removeprefix("\ufeff"))))[1:]


async def test_both_policies_are_counted_side_by_side_with_what_differs(shown: Shown) -> None:
    page = await shown.site.get(shown.address, **NATIONAL)
    assert page.status == 200
    in_force, tried = (
        sum(each.values()) for each in (shown.trial.result.in_force, shown.trial.result.under_trial)
    )
    assert numbers(page.text) == [in_force, tried, 1, 1, 1]
    assert NAME in page.text
    assert TRIED in page.text
    assert "Nothing on this page has happened" in page.text


async def test_the_numbers_by_region_and_by_month_add_up_to_those_on_top(shown: Shown) -> None:
    rows = table((await shown.site.get(f"{shown.address}/numbers.csv", **NATIONAL)).text)
    columns = ("in force", "tried", "appear", "vanish", "change")
    sums = {
        by: [sum(int(row[column]) for row in rows if row["by"] == by) for column in columns]
        for by in ("all", "finding", "region", "month")
    }
    assert sums["finding"] == sums["region"] == sums["month"] == sums["all"]
    assert {row["trial"] for row in rows} == {NAME}


async def test_a_region_lists_what_differs_and_leads_to_the_cases(shown: Shown) -> None:
    page = await shown.site.get(shown.address, **EVERYWHERE)
    for event in (shown.trial.vanishes, shown.trial.appears, shown.trial.changes):
        [row] = await shown.rows("select token from subjects where subject = $1", event.subject)
        assert f'href="/cases/{row["token"]}">{event.subject}</a>' in page.text
    due = shown.trial.changes.data.due_on
    assert f"due on {due}" in page.text
    assert page.text.count("No such finding") == 2


async def test_each_region_sees_its_own_and_no_other(shown: Shown) -> None:
    here = shown.trial.vanishes.data.region
    elsewhere = next(region for region in REGIONS if region != here)
    crn = str(shown.trial.vanishes.subject)
    assert crn in (await shown.site.get(shown.address, **shown.site.region(here))).text
    other = shown.site.region(elsewhere)
    assert crn not in (await shown.site.get(shown.address, **other)).text
    assert crn not in (await shown.site.get(f"{shown.address}/findings.csv", **other)).text
    assert numbers((await shown.site.get(f"{shown.address}?region={here}", **other)).text) == [0] * 5


async def test_national_sees_numbers_and_no_case(shown: Shown) -> None:
    page = await shown.site.get(shown.address, **NATIONAL)
    for event in (shown.trial.vanishes, shown.trial.appears, shown.trial.changes):
        assert str(event.subject) not in page.text
    assert "/cases/" not in page.text
    assert (await shown.site.get(f"{shown.address}/findings.csv", **NATIONAL)).status == 403
    operator = {"user": "O1", "role": "operator", "proxy_key": PROXY_KEY}
    for address in ("/what-if", shown.address, f"{shown.address}/numbers.csv"):
        assert (await shown.site.get(address, **operator)).status == 403


async def test_the_download_is_what_the_filters_find(shown: Shown) -> None:
    event = shown.trial.vanishes
    filters = f"difference=vanishes&finding={event.type}&rule={event.data.why.rules[0]}"
    file = await shown.site.get(f"{shown.address}/findings.csv?{filters}", **EVERYWHERE)
    [row] = table(file.text)
    assert (row["difference"], row["finding"], row["case"], row["tried"]) == (
        *("vanishes", event.type, event.subject),
        "",
    )
    nothing = await shown.site.get(f"{shown.address}?finding={event.type}&difference=changes", **EVERYWHERE)
    assert "Nothing differs that matches these filters." in nothing.text


async def test_a_limited_case_is_counted_but_not_listed_without_the_grant(shown: Shown) -> None:
    crn = str(shown.trial.vanishes.subject)
    change = {
        "specversion": "1.0",
        "id": "access-1",
        "source": "/feeds/practice",
        "type": "CaseAccessChanged",
        "subject": crn,
        "time": "2020-01-01T09:00:00Z",
        "data": {"access_id": "a1", "limited": True, "effective_on": "2020-01-01"},
    }
    await shown.site.read.take(messages([json.dumps(change).encode()]))
    page = await shown.site.get(shown.address, **EVERYWHERE)
    assert crn not in page.text
    assert "Not listed, but counted above" in page.text
    assert numbers(page.text)[2:] == [1, 1, 1]
    granted = {**EVERYWHERE, "grants": crn}
    assert crn in (await shown.site.get(shown.address, **granted)).text


async def test_what_a_trial_says_of_an_erased_person_is_deleted_even_if_it_comes_later(shown: Shown) -> None:
    crn = str(shown.trial.vanishes.subject)
    read = shown.site.read
    await shown.rows("delete from subjects where subject = $1", crn)
    await shown.rows("insert into erased (hash) values ($1)", erased_hash(KEY, crn))
    assert crn not in (await shown.site.get(shown.address, **EVERYWHERE)).text
    await forget_erased(read.connection, read.model.schema, KEY)
    left = await shown.rows("select subject from public.what_if_findings")
    assert len(left) == 2
    assert crn not in {row["subject"] for row in left}


async def test_a_trial_is_in_no_read_model_and_on_no_other_page(shown: Shown) -> None:
    names = [row["table_name"] for row in await shown.rows(TABLES, shown.site.read.model.schema)]
    for name in names:
        [row] = await shown.rows(f"select count(*)::int as n from {name} t where t::text like '%what-if-%'")
        assert row["n"] == 0, name
    [row] = await shown.rows("select token from subjects where subject = $1", shown.trial.appears.subject)
    for address in ("/", f"/cases/{row['token']}"):
        assert NAME not in (await shown.site.get(address, **EVERYWHERE)).text


TABLES = """
select table_name from information_schema.tables where table_schema = $1 and table_type = 'BASE TABLE'
"""


async def test_who_publishes_a_trial_needs_to_read_nothing(read: Read, played: Caseload) -> None:
    analyst = f"analyst_{secrets.token_hex(4)}"
    connection = read.connection
    await connection.execute(f"create role {analyst}")
    try:
        await connection.execute(
            f"grant usage on schema public to {analyst};"
            f"grant insert on what_ifs, what_if_counts, what_if_findings to {analyst}"
        )
        await connection.execute(f"set role {analyst}")
        result = trial(played.events).result
        assert await publish(connection, result) == await publish(connection, result)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch("select * from what_if_findings")
        await connection.execute("reset role")
        assert [row["published_by"] for row in await read.rows("select * from public.what_ifs")] == [analyst]
    finally:
        await connection.execute("reset role")
        await connection.execute(f"drop owned by {analyst}; drop role {analyst}")


async def test_without_a_result_the_page_says_how_to_make_one(site: Site) -> None:
    page = await site.get("/what-if", **NATIONAL)
    assert (page.status, "probation what-if" in page.text) == (200, True)
    missing = await site.get("/what-if/nothing", **NATIONAL)
    assert (missing.status, "There is no such result." in missing.text) == (404, True)


async def test_results_are_listed_with_what_was_tried(shown: Shown) -> None:
    page = await shown.site.get("/what-if", **NATIONAL)
    assert f'href="{shown.address}" lang="en-GB">{NAME}</a>' in page.text
    assert TRIED in page.text


async def test_a_wrong_filter_is_said_in_words(shown: Shown) -> None:
    for wrong in ("region=atlantis", "difference=grows", "finding=Nothing", "page=0"):
        page = await shown.site.get(f"{shown.address}?{wrong}", **EVERYWHERE)
        assert (page.status, "There is no such" in page.text) == (400, True)


def test_a_difference_says_what_holds_under_each_policy(played: Caseload) -> None:
    tried = trial(played.events)
    sides = {one.kind: one.sides for one in tried.result.differences}

    def due(event: Event) -> str:
        return f"due on {event.data.due_on}"

    assert sides["vanishes"][1] == ""
    assert sides["appears"][0] == ""
    assert due(tried.vanishes) in sides["vanishes"][0]
    assert due(tried.appears) in sides["appears"][1]
    assert sides["changes"][0] == due(tried.changes)
