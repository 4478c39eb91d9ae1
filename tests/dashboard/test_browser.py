"""A walk through the pages in a real browser, as a user would go. Needs Chromium.

Set PROBATION_TEST_PICTURES to a folder to keep the screenshots; docs/dashboard.png is the first of them.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from importlib.resources import files
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, Page, Request, async_playwright, expect

from tests.dashboard.conftest import Caseload
from tests.dashboard.running import Running, different, publish, running
from tools.embedded import choose

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]

AXE = Path(str(files("axe_playwright_python").joinpath("axe.min.js")))
KINDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (apt-get install chromium)")

Theme = Literal["light", "dark"]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture
async def on(
    kafka: choose.Kafka, database: str, topic_prefix: str, played: Caseload
) -> AsyncIterator[Running]:
    """A dashboard that has read the caseload."""
    found = await running(kafka, database, topic_prefix)
    await publish(found, played.lines)
    async with found.dashboard():
        await found.until_it_holds(different(played.lines))
        yield found


async def page_of(browser: Browser, on: Running, theme: Theme, width: int) -> tuple[Page, list[str]]:
    """A page on which whatever goes wrong is noted: errors, failed requests, requests to other hosts."""
    context = await browser.new_context(
        color_scheme=theme,
        locale="en-GB",
        timezone_id="Europe/London",
        viewport={"width": width, "height": 900},
        base_url=on.site,
        java_script_enabled=False,
    )
    page = await context.new_page()
    wrong: list[str] = []

    def requested(request: Request) -> None:
        if not request.url.startswith(on.site):
            wrong.append(f"asked another host: {request.url}")

    page.on("request", requested)
    page.on("requestfailed", lambda request: wrong.append(f"failed: {request.url}"))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    return page, wrong


async def picture(page: Page, name: str) -> None:
    """Keep a screenshot, if somebody wants them."""
    if folder := os.environ.get("PROBATION_TEST_PICTURES"):
        Path(folder).mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - nothing else waits
        await page.screenshot(path=Path(folder) / f"{name}.png")


async def fits(page: Page) -> bool:
    """Does the page fit the width of the window, so that nobody has to scroll sideways?"""
    body = await page.locator("body").bounding_box()
    main = await page.locator("main").bounding_box()
    assert body is not None
    assert main is not None
    assert page.viewport_size is not None
    return main["x"] + main["width"] <= page.viewport_size["width"]


async def test_from_what_is_due_to_why_and_back_to_the_past(browser: Browser, on: Running) -> None:
    page, wrong = await page_of(browser, on, "light", 1280)
    await page.goto("/")
    await expect(page).to_have_title("What needs doing today – Probation")
    await expect(page.get_by_role("status")).to_contain_text("Facts up to")
    await picture(page, "dashboard")
    await page.get_by_role("link", name="Overdue").first.click()
    assert "when=overdue" in page.url
    first = page.get_by_role("row").filter(has_text="Overdue").locator("a[href^='/cases/']").first
    crn = await first.inner_text()
    await first.click()
    assert crn not in page.url
    assert crn not in await page.title()
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"Case {crn}")
    why = page.locator("summary", has_text="Why").first
    await why.click()
    await expect(page.locator("details[open]").first).to_contain_text("It rests on:")
    await picture(page, "case")
    await page.get_by_label("As of a day").fill("2025-03-01")
    await page.get_by_label("As known").select_option("then")
    await page.get_by_role("button", name="Show").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("1 March 2025, as it was known then")
    assert wrong == []


async def test_filters_are_in_the_address_and_a_case_is_found_by_its_number(
    browser: Browser, on: Running
) -> None:
    [row] = await on.rows("select subject, region from {model}.responsible order by subject limit 1")
    page, wrong = await page_of(browser, on, "light", 1280)
    await page.goto("/")
    await page.get_by_label("Region", exact=True).select_option(row["region"])
    await page.get_by_role("button", name="Apply filters").click()
    assert f"region={row['region']}" in page.url
    await page.get_by_label("Case reference number").fill(row["subject"])
    await page.get_by_role("button", name="Open the case").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"Case {row['subject']}")
    assert row["subject"] not in page.url
    assert wrong == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
async def test_each_page_fits_wide_and_narrow_windows_in_both_themes(
    browser: Browser, on: Running, theme: Theme, width: int
) -> None:
    [row] = await on.rows("select token from {model}.subjects s join {model}.items i using (subject) limit 1")
    page, wrong = await page_of(browser, on, theme, width)
    for name, address in (
        ("today", "/"),
        ("performance", "/performance"),
        ("measure", "/performance/sentences-allocated-on-time"),
        ("equalities", "/equalities"),
        ("needs", "/needs"),
        ("workload", "/workload"),
        ("case", f"/cases/{row['token']}"),
        ("system", "/system"),
    ):
        await page.goto(address)
        assert await fits(page), name
        await picture(page, f"{name}-{theme}-{width}")
    assert wrong == []


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_axe_finds_no_barrier(browser: Browser, on: Running, theme: Theme) -> None:
    [row] = await on.rows("select token from {model}.subjects s join {model}.items i using (subject) limit 1")
    context = await browser.new_context(color_scheme=theme, base_url=on.site, bypass_csp=True)
    page = await context.new_page()
    for address in (
        "/",
        "/?when=overdue",
        "/performance",
        "/performance/sentences-allocated-on-time",
        "/equalities",
        "/needs",
        "/workload",
        f"/cases/{row['token']}",
        "/system",
        "/nothing",
    ):
        await page.goto(address)
        await page.add_script_tag(path=AXE)
        found = await page.evaluate("kinds => axe.run(document, {runOnly: kinds})", KINDS)
        faults = [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"]]
        assert faults == [], address


async def test_the_keyboard_alone_reaches_the_content_and_the_first_case(
    browser: Browser, on: Running
) -> None:
    page, _ = await page_of(browser, on, "light", 1280)
    await page.goto("/")
    await page.keyboard.press("Tab")
    await expect(page.locator(":focus")).to_have_text("Skip to main content")
    await page.keyboard.press("Enter")
    for _ in range(60):
        await page.keyboard.press("Tab")
        if (await page.locator(":focus").get_attribute("href") or "").startswith("/cases/"):
            break
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Case ")


async def test_from_performance_to_one_measure_and_its_rules(browser: Browser, on: Running) -> None:
    page, wrong = await page_of(browser, on, "light", 1280)
    await page.goto("/performance")
    await page.get_by_label("Months", exact=True).select_option("24")
    await page.get_by_role("button", name="Apply filters").click()
    assert "months=24" in page.url
    await page.get_by_role("link", name="Sentences allocated on time").click()
    assert "months=24" in page.url
    await expect(page.get_by_role("heading", level=1)).to_have_text("Sentences allocated on time")
    await expect(page.get_by_role("img", name="Sentences allocated on time by month")).to_be_visible()
    await page.locator("summary", has_text="The rules that it rests on").click()
    await expect(page.locator("details[open]")).to_contain_text("ALLOC-1")
    await picture(page, "measure")
    assert wrong == []
    async with page.expect_download() as file:
        await page.get_by_role("link", name="Download as CSV").click()
    assert (await file.value).suggested_filename == "sentences-allocated-on-time.csv"


async def test_the_tables_by_group_are_made_while_it_runs(browser: Browser, on: Running) -> None:
    async def made() -> bool:
        return bool(await on.rows("select from public.equality_tables"))

    await on.until(made)
    page, wrong = await page_of(browser, on, "dark", 1280)
    await page.goto("/equalities")
    await expect(page.get_by_role("main")).to_contain_text("do not change")
    await page.get_by_label("Measure", exact=True).select_option("sentences-allocated-on-time")
    await page.get_by_role("button", name="Apply filters").click()
    await expect(page.get_by_role("row", name="Women")).to_be_visible()
    await picture(page, "equalities")
    assert wrong == []
