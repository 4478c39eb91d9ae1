"""A walk through the pages in a real browser, as a user would go. Needs Chromium.

Set PROBATION_TEST_PICTURES to a folder to keep the screenshots; docs/dashboard.png is the first of them.
"""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect

from tests.dashboard.browsing import Theme, barriers, fits, needs_chromium, page_of, picture
from tests.dashboard.running import Running

pytestmark = needs_chromium


async def test_from_what_is_due_to_why_and_back_to_the_past(browser: Browser, on: Running) -> None:
    page, wrong = await page_of(browser, on, "light", 1280)
    await page.goto("/")
    await expect(page).to_have_title("What needs doing today – Probation")
    await expect(page.get_by_role("status")).to_contain_text("Facts up to")
    await page.set_viewport_size({"width": 1280, "height": 1400})  # with some of the list
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
        assert await barriers(page) == [], address


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


async def test_the_keyboard_alone_reaches_a_measure(browser: Browser, on: Running) -> None:
    page, _ = await page_of(browser, on, "light", 1280)
    await page.goto("/performance")
    for _ in range(40):
        await page.keyboard.press("Tab")
        if "/performance/" in (await page.locator(":focus").get_attribute("href") or ""):
            break
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile("/performance/"))


async def test_numbers_are_printed_without_what_is_only_for_the_screen(browser: Browser, on: Running) -> None:
    page, _ = await page_of(browser, on, "light", 1280)
    await page.goto("/performance/sentences-allocated-on-time")
    await page.emulate_media(media="print")
    await expect(page.get_by_role("table").first).to_be_visible()
    await expect(page.get_by_role("button", name="Apply filters")).to_be_hidden()
    await expect(page.get_by_role("link", name="Download as CSV")).to_be_hidden()
