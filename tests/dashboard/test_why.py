"""Why something was concluded: the rule, the policy value with source and date, and the events behind it."""

from __future__ import annotations

import html
import json
from datetime import date
from typing import Any

from schemas.parsing import parse
from services.dashboard.web.why import Known, why_of
from shared.answers.describing import in_force
from shared.answers.rule_code import policy_values
from shared.answers.rulebook import rulebook
from tests.answers.published import fact, said
from tests.dashboard.conftest import messages
from tests.dashboard.site import Site, a_person
from tests.facts import contact

WHY = {"rules": ["ENF-10"], "policy": "enforcement@2021-06-26", "evidence": ["e-1"]}


def finding(**more: Any) -> Any:
    """A letter that is overdue, with other reasons."""
    event = said("WarningLetterOverdue", "2026-03-02", contact_id="C1", due_on="2026-03-04")
    changed = event.data.why.model_copy(update={**WHY, **more})
    return event.model_copy(update={"data": event.data.model_copy(update={"why": changed})})


async def test_a_case_shows_each_policy_value_with_its_source_beside_the_rule(site: Site) -> None:
    person = await a_person(site)
    page = html.unescape((await site.get(f"/cases/{person['token']}", **site.region(person["region"]))).text)
    events = [event for event in site.played.events if event.subject == person["subject"]]
    rules = {id for event in events for id in event.data.why.rules}
    values = [value for id in sorted(rules) for value in policy_values(id)]
    national = [(name, entry) for name, entry in values if entry.region is None]
    assert national
    for name, entry in national:
        assert f"{name} = {in_force(entry)}" in page
        assert f"{entry.source} ({entry.confidence})" in page


def test_the_value_that_was_in_force_when_the_policy_version_began_comes_first() -> None:
    rule, name, start = next(
        (rule, name, entry.start)
        for rule in sorted(rulebook())
        for name, entry in policy_values(rule)
        if entry.start != date.min and entry.region is None
    )

    def values(policy: str) -> list[tuple[bool, bool]]:
        told = why_of(finding(rules=[rule], policy=policy), Known([]))
        return [
            (value.applies, f"from {start}" in value.words)
            for value in told.grounds[0].values
            if value.name == name
        ]

    assert (True, True) in values(f"contacts@{start}")
    assert values(f"contacts@{start}") == sorted(values(f"contacts@{start}"), reverse=True)
    assert (True, True) not in values("contacts@0001-01-01")


def test_a_policy_version_without_a_day_names_no_value_as_in_force() -> None:
    told = why_of(finding(policy="enforcement"), Known([]))
    assert told.since is None
    assert told.grounds[0].values
    assert not any(value.applies for value in told.grounds[0].values)


def test_an_event_is_found_by_its_source_since_another_may_have_the_same_id() -> None:
    ours = fact(contact("2026-03-10", "unacceptable_absence", id="C1"))
    theirs = ours.model_copy(update={"source": "/feeds/providers"})
    known = Known([ours, theirs])
    told = why_of(finding(evidence=[ours.id], sources=["/feeds/providers"]), known)
    assert [one.event for one in told.because] == [theirs]
    assert [one.event for one in why_of(finding(evidence=[ours.id]), known).because] == [None]


def test_what_rests_on_a_day_or_on_somebody_else_is_said_in_words() -> None:
    told = why_of(finding(evidence=["day-2026-03-05", "elsewhere"]), Known([]))
    assert [one.words for one in told.because] == [
        "the day 2026-03-05 began",
        "an event that is not about this person",
    ]


# -- one event ---------------------------------------------------------------------------------------


async def links(site: Site, person: dict[str, Any]) -> list[str]:
    """The addresses of the events of a case."""
    page = await site.get(f"/cases/{person['token']}", **site.region(person["region"]))
    parts = [part.partition('"')[0] for part in page.text.split('href="')[1:]]
    return [part for part in parts if "/events/" in part]


async def test_every_event_of_a_case_can_be_read_as_it_was_published(site: Site) -> None:
    person = await a_person(site)
    who = site.region(person["region"])
    published = [json.loads(line) for line in site.played.lines if parse(line).subject == person["subject"]]
    shown = []
    for address in await links(site, person):
        page = await site.get(address, **who)
        assert page.status == 200
        shown.append(
            json.loads(html.unescape(page.text.partition("<pre")[2].partition(">")[2].partition("</pre>")[0]))
        )
    assert all(event in shown for event in published)


async def test_an_event_says_why_it_was_concluded_and_leads_to_what_it_rests_on(site: Site) -> None:
    person = await a_person(site)
    who = site.region(person["region"])
    pages = [(await site.get(address, **who)).text for address in await links(site, person)]
    concluded = next(page for page in pages if "It rests on:" in page and "/events/" in page)
    evidence = concluded.partition("It rests on:")[2].partition('href="')[2].partition('"')[0]
    assert (await site.get(evidence, **who)).status == 200


async def test_addresses_of_events_name_neither_the_person_nor_the_event(site: Site) -> None:
    person = await a_person(site)
    ids = [event.id for event in site.played.events if event.subject == person["subject"]]
    for address in await links(site, person):
        assert person["subject"] not in address
        assert not [id for id in ids if id in address]


async def test_an_event_is_shown_to_those_who_may_see_the_case_and_each_look_is_written_down(
    site: Site,
) -> None:
    person = await a_person(site)
    address = (await links(site, person))[0]
    other = "wales" if person["region"] != "wales" else "london"
    national = {**site.region(person["region"]), "role": "national"}
    assert (await site.get(address, **site.region(person["region"]))).status == 200
    assert (await site.get(address, **site.region(other))).status == 403
    assert (await site.get(address, **national)).status == 403
    views = await site.read.rows("select shown from case_views where page = 'event' order by id")
    assert [view["shown"] for view in views] == [True, False, False]


async def test_an_event_of_a_limited_case_is_closed_without_the_grant(site: Site) -> None:
    person = await a_person(site)
    address = (await links(site, person))[0]
    change = {
        "specversion": "1.0",
        "id": "access-1",
        "source": "/feeds/practice",
        "type": "CaseAccessChanged",
        "subject": person["subject"],
        "time": "2020-01-01T09:00:00Z",
        "data": {"access_id": "a1", "limited": True, "effective_on": "2020-01-01"},
    }
    await site.read.take(messages([json.dumps(change).encode()]))
    assert (await site.get(address, **site.region(person["region"]))).status == 403
    granted = site.region(person["region"], grants=person["subject"])
    assert (await site.get(address, **granted)).status == 200


async def test_an_event_of_another_case_is_not_found(site: Site) -> None:
    person = await a_person(site)
    mark = (await links(site, person))[0].rpartition("/")[2]
    [other] = await site.read.rows(
        "select s.token, r.region from responsible r join subjects s using (subject) "
        "where subject <> $1 limit 1",
        person["subject"],
    )
    page = await site.get(f"/cases/{other['token']}/events/{mark}", **site.region(other["region"]))
    assert (page.status, "There is no such event in this case." in page.text) == (404, True)
