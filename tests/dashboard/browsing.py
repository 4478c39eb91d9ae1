"""A real browser that notes whatever goes wrong on a page. Needs Chromium.

Set PROBATION_TEST_PICTURES to a folder to keep the screenshots.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, Page, Request, async_playwright, expect

from tests.dashboard.running import PATIENCE, Running

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

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (apt-get install chromium)")

Theme = Literal["light", "dark"]

expect.set_options(timeout=PATIENCE * 1000)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser, inside the block."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


async def page_of(
    browser: Browser, on: Running, theme: Theme = "light", width: int = 1280, *, scripts: bool = False
) -> tuple[Page, list[str]]:
    """A page on which whatever goes wrong is noted: errors, failed requests, requests to other hosts."""
    context = await browser.new_context(
        color_scheme=theme,
        locale="en-GB",
        timezone_id="Europe/London",
        viewport={"width": width, "height": 900},
        base_url=on.site,
        java_script_enabled=scripts,
    )
    context.set_default_timeout(PATIENCE * 1000)
    page = await context.new_page()
    wrong: list[str] = []

    def requested(request: Request) -> None:
        if not request.url.startswith(on.site):
            wrong.append(f"asked another host: {request.url}")

    page.on("request", requested)

    def failed(request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # who leaves a page leaves its stream, and its icon
            wrong.append(f"failed: {request.url}, {request.failure}")

    page.on("requestfailed", failed)
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


async def barriers(page: Page) -> list[tuple[str, str]]:
    """The barriers that axe finds on a page, whose context must let it in (`bypass_csp`)."""
    await page.add_script_tag(path=AXE)
    found = await page.evaluate("kinds => axe.run(document, {runOnly: kinds})", KINDS)
    return [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"]]
