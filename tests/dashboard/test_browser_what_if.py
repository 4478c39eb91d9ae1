"""What if, why and the event behind it, in a real browser, as an analyst and a practitioner would go."""

from __future__ import annotations

import json

import asyncpg
import pytest
from playwright.async_api import Browser, expect

from services.dashboard.model.what_ifs import publish
from tests.dashboard.browsing import barriers, fits, needs_chromium, page_of, picture
from tests.dashboard.conftest import Caseload
from tests.dashboard.running import Running
from tests.dashboard.what_ifs import NAME, Trial, trial

pytestmark = needs_chromium


@pytest.fixture
async def tried(on: Running, played: Caseload) -> Trial:
    """A trial, published to the dashboard."""
    found = trial(played.events)
    connection = await asyncpg.connect(on.dsn)
    await publish(connection, found.result)
    await connection.close()
    return found


async def test_from_a_trial_to_a_case_to_the_event_behind_a_finding(
    browser: Browser, on: Running, tried: Trial
) -> None:
    page, wrong = await page_of(browser, on, "light", 1280)
    await page.goto("/")
    await page.get_by_role("link", name="What if").click()
    await page.get_by_role("link", name=NAME).click()
    await expect(page.get_by_text("Nothing on this page has happened.")).to_be_visible()
    await picture(page, "what-if")
    await page.get_by_role("link", name="Vanish").click()
    assert "difference=vanishes" in page.url
    row = page.get_by_role("row").filter(has_text="No such finding")
    await expect(row).to_have_count(1)
    await row.get_by_role("link", name=tried.vanishes.subject).click()
    assert str(tried.vanishes.subject) not in page.url
    await page.locator("summary", has_text="Why").first.click()
    grounds = page.locator("details[open]").first
    await expect(grounds).to_contain_text("Source:")
    await picture(page, "why")
    await grounds.get_by_role("link", name="The event as it was published").click()
    event = json.loads(await page.locator("pre").inner_text())
    assert event["data"]["why"]["rules"]
    await picture(page, "event")
    await page.get_by_role("link", name="Back to the case").click()
    assert "/events/" not in page.url
    assert wrong == []


async def test_filters_of_a_trial_are_in_the_address(browser: Browser, on: Running, tried: Trial) -> None:
    page, wrong = await page_of(browser, on, "light", 1280)
    await page.goto("/what-if")
    await page.get_by_role("link", name=NAME).click()
    region = tried.appears.data.region
    await page.get_by_label("Region", exact=True).select_option(region)
    await page.get_by_label("Finding", exact=True).select_option(tried.appears.type)
    await page.get_by_role("button", name="Apply filters").click()
    assert f"region={region}" in page.url
    assert f"finding={tried.appears.type}" in page.url
    await expect(page.get_by_role("link", name=str(tried.appears.subject))).to_be_visible()
    async with page.expect_download() as started:
        await page.get_by_role("link", name="Download the numbers as CSV").click()
    assert (await started.value).suggested_filename.endswith("-numbers.csv")
    assert [one for one in wrong if "csv" not in one] == []


async def test_a_trial_and_an_event_fit_narrow_windows_and_have_no_barrier(
    browser: Browser, on: Running, tried: Trial
) -> None:
    page, wrong = await page_of(browser, on, "dark", 320)
    context = await browser.new_context(color_scheme="dark", base_url=on.site, bypass_csp=True)
    open = await context.new_page()
    await page.goto("/what-if")
    result = await page.get_by_role("link", name=NAME).get_attribute("href") or ""
    [row] = await on.rows("select token from {model}.subjects s join {model}.items i using (subject) limit 1")
    await page.goto(f"/cases/{row['token']}")
    events = page.locator("a[href*='/events/']")
    for n in range(await events.count()):
        await page.goto(await events.nth(n).get_attribute("href") or "")
        concluded = await page.get_by_text("It rests on:").count()
        if concluded:
            break
        await page.go_back()
    for name, address in (
        ("what-ifs", "/what-if"),
        ("what-if", result),
        ("event", page.url),
        ("system", "/system"),
    ):
        await page.goto(address)
        assert await fits(page), name
        await picture(page, f"{name}-dark-320")
        await open.goto(address)
        assert await barriers(open) == [], name
    assert wrong == []


async def test_the_keyboard_alone_leads_from_a_trial_to_a_case(
    browser: Browser, on: Running, tried: Trial
) -> None:
    page, _ = await page_of(browser, on, "light", 1280)
    await page.goto("/what-if")
    for start in ("/what-if/", "/cases/"):
        for _ in range(80):
            await page.keyboard.press("Tab")
            if (await page.locator(":focus").get_attribute("href") or "").startswith(start):
                break
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"**{start}*")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Case ")
