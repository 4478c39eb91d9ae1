"""A real browser for walks through the pages. Needs Chromium (apt-get install chromium).

Set PROBATION_TEST_PICTURES to a folder to keep the screenshots.
"""

from __future__ import annotations

import os
import shutil
from importlib.resources import files
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, Page, Request

from tests.dashboard.running import Running

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

Theme = Literal["light", "dark"]


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


async def barriers(browser: Browser, on: Running, theme: Theme, address: str) -> list[tuple[str, str]]:
    """What axe finds on a page: the rule that is broken, and where first."""
    context = await browser.new_context(color_scheme=theme, base_url=on.site, bypass_csp=True)
    page = await context.new_page()
    await page.goto(address)
    await page.add_script_tag(path=AXE)
    found = await page.evaluate("kinds => axe.run(document, {runOnly: kinds})", KINDS)
    await context.close()
    return [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"]]
