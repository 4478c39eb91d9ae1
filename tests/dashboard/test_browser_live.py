"""Live updates in a real browser: what changes is shown, unless the reader has paused it. Needs Chromium."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route, TimeoutError, expect

from services.dashboard.web import changes
from tests.dashboard.browsing import barriers, fits, needs_chromium, page_of, picture
from tests.dashboard.conftest import Caseload
from tests.dashboard.running import Running, different, publish, running
from tests.dashboard.test_live import a_new_item
from tools.embedded import choose

pytestmark = needs_chromium

NEW = "X999001"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page is told of each change within a fraction of a second."""
    monkeypatch.setattr(changes, "POLL_SECONDS", 0.1)
    monkeypatch.setattr(changes, "AGAIN_SECONDS", 0.0)


async def opened(browser: Browser, on: Running, address: str = "/?region=london") -> tuple[Page, list[str]]:
    """A page that listens to changes."""
    page, wrong = await page_of(browser, on, scripts=True)
    await listens(page, page.goto(address))
    return page, wrong


async def listens(page: Page, arriving: Awaitable[Any]) -> None:
    """Arrive at a page, and wait until it listens to changes. If it does not, say what is shown instead."""
    try:
        async with page.expect_response(lambda response: "/changes" in response.url):
            await arriving
    except TimeoutError as fault:
        shown = await page.locator("body").inner_text()
        raise AssertionError(f"{page.url} does not listen to changes. It shows:\n{shown[:1000]}") from fault


async def something_new(on: Running, played: Caseload) -> None:
    """Publish an item that becomes due before all others in London, and wait until it is held."""
    await publish(on, [a_new_item(played, "london", due_on="2020-01-01")])
    await on.until_it_holds(different(played.lines) + 1)


async def test_what_changes_is_shown_without_a_reload(
    browser: Browser, on: Running, played: Caseload
) -> None:
    page, wrong = await opened(browser, on)
    await page.get_by_label("Team", exact=True).fill("generic")
    await page.locator("summary", has_text="By what is open").click()
    await something_new(on, played)
    await expect(page.get_by_role("link", name=NEW)).to_be_visible()
    await expect(page.locator("details[open]")).to_have_count(1)
    await expect(page.get_by_label("Team", exact=True)).to_have_value("generic")
    await picture(page, "live")
    assert wrong == []


async def test_updates_are_live_however_late_a_script_arrives(browser: Browser, on: Running) -> None:
    page, wrong = await page_of(browser, on, scripts=True)

    async def late(route: Route) -> None:
        """Answer only when whatever htmx does on its own has been done."""
        while not await page.evaluate("typeof htmx !== 'undefined'"):
            pass
        await page.evaluate("new Promise(done => setTimeout(done))")
        await route.continue_()

    await page.route("**/hx-sse.min.js", late)
    await listens(page, page.goto("/"))
    assert wrong == []


async def test_updates_wait_while_they_are_paused(browser: Browser, on: Running, played: Caseload) -> None:
    page, wrong = await opened(browser, on)
    await page.get_by_role("button", name="Pause updates").click()
    await page.evaluate(
        """document.addEventListener("htmx:sse:before:message", (event) => {
            if (event.detail.message.event === "changed") console.log("heard");
        })"""
    )
    async with page.expect_console_message(lambda said: said.text == "heard"):
        await something_new(on, played)
    await expect(page.get_by_role("link", name=NEW)).to_have_count(0)
    await page.get_by_role("button", name="Resume updates").click()
    await expect(page.get_by_role("link", name=NEW)).to_be_visible()
    assert wrong == []


async def test_the_pause_lasts_on_the_next_page(browser: Browser, on: Running) -> None:
    page, _ = await opened(browser, on)
    await page.get_by_role("button", name="Pause updates").click()
    await page.get_by_role("link", name="Workload").click()
    await expect(page.get_by_role("button", name="Resume updates")).to_be_visible()


async def test_a_case_that_changes_says_so_and_stays_as_it_is_read(
    browser: Browser, on: Running, played: Caseload
) -> None:
    await something_new(on, played)
    page, wrong = await opened(browser, on)
    await page.get_by_role("link", name=NEW).click()
    await expect(page.get_by_text("This case has changed")).to_be_hidden()
    before = await page.locator("main").inner_text()
    await listens(page, page.reload())
    event = (
        a_new_item(played, "london").replace(b"new-london", b"new-2").replace(b"0000000001", b"0000000002")
    )
    await publish(on, [event])
    await expect(page.get_by_text("This case has changed")).to_be_visible()
    assert await page.locator("main").inner_text() == before
    await page.get_by_role("link", name="Show the changes").click()
    await expect(page.locator("main")).not_to_have_text(before)
    assert wrong == []


async def test_the_page_says_when_the_server_no_longer_answers(
    browser: Browser, kafka: choose.Kafka, database: str, topic_prefix: str
) -> None:
    on = await running(kafka, database, topic_prefix)
    async with on.dashboard():
        await on.until_it_serves()
        page, _ = await page_of(browser, on, scripts=True)
        await page.clock.install()
        await listens(page, page.goto("/"))
        lost = page.get_by_text("the server has not answered for a minute")
        await expect(lost).to_be_hidden()
    await page.clock.fast_forward(66_000)
    await expect(lost).to_be_visible()


async def test_without_scripts_there_is_a_link_to_the_latest_and_nothing_to_pause(
    browser: Browser, on: Running, played: Caseload
) -> None:
    page, wrong = await page_of(browser, on)
    await page.goto("/?region=london")
    await expect(page.get_by_role("button", name="Pause updates")).to_be_hidden()
    await something_new(on, played)
    await page.get_by_role("link", name="Show the latest").click()
    assert page.url.endswith("/?region=london")
    await expect(page.get_by_role("link", name=NEW)).to_be_visible()
    assert wrong == []


async def test_the_keyboard_alone_pauses_and_resumes(browser: Browser, on: Running) -> None:
    page, _ = await opened(browser, on)
    for _ in range(20):
        await page.keyboard.press("Tab")
        if await page.locator(":focus").get_attribute("id") == "pause":
            break
    await page.keyboard.press("Enter")
    await expect(page.locator(":focus")).to_have_text("Resume updates")
    await page.keyboard.press("Space")
    await expect(page.locator(":focus")).to_have_text("Pause updates")


async def test_axe_finds_no_barrier_in_a_page_that_listens_in_a_narrow_window(
    browser: Browser, on: Running
) -> None:
    context = await browser.new_context(
        color_scheme="dark", base_url=on.site, bypass_csp=True, viewport={"width": 320, "height": 900}
    )
    page = await context.new_page()
    for address in ("/", "/workload", "/system"):
        await page.goto(address)
        await expect(page.get_by_role("button", name="Pause updates")).to_be_visible()
        assert await fits(page)
        assert await barriers(page) == [], address
