"""Sign-in at an OpenID provider in a real browser, from the first page to signing out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Browser, expect

from services.dashboard.web.access import REGIONS
from tests.dashboard.browsing import barriers, fits, needs_chromium, page_of, picture
from tests.dashboard.provider import CLIENT, SECRET, Provider, provider
from tests.dashboard.running import Running, running
from tools.embedded import choose
from tools.embedded.process import free_port

pytestmark = [
    needs_chromium,
    pytest.mark.filterwarnings("ignore:get_jwt_config"),  # by which the provider signs
]


@pytest.fixture
def at() -> Iterator[Provider]:
    """A provider that knows somebody who works everywhere, and somebody who works nowhere."""
    with provider(ruth={"role": "region", "region": list(REGIONS)}, newcomer={}) as found:
        yield found


@pytest.fixture
async def signing(
    kafka: choose.Kafka, database: str, topic_prefix: str, at: Provider
) -> AsyncIterator[Running]:
    """A dashboard without facts that signs people in at the provider."""
    port = free_port()
    found = await running(
        kafka,
        database,
        topic_prefix,
        http_port=port,
        dashboard_address=f"http://127.0.0.1:{port}",
        dashboard_oidc_issuer=at.address,
        dashboard_oidc_client_id=CLIENT,
        dashboard_oidc_client_secret=SECRET,
    )
    async with found.dashboard():
        await found.until_it_holds(0)
        yield found


async def test_somebody_signs_in_works_and_signs_out(
    browser: Browser, signing: Running, at: Provider
) -> None:
    page, wrong = await page_of(browser, signing, "light", 1280)
    await page.goto("/workload")
    assert page.url.startswith(at.address)
    await page.get_by_placeholder("sub").fill("ruth")
    await page.get_by_role("button", name="Authorize").click()
    assert page.url == f"{signing.site}/workload"
    wrong.clear()  # what the provider's own pages ask for
    await expect(page.get_by_role("heading", level=1)).to_have_text("Workload")
    await picture(page, "signed-in")
    cookies = await page.context.cookies(signing.site)
    [session] = [cookie for cookie in cookies if cookie["name"] == "__Host-session"]
    assert (session["httpOnly"], session["secure"], session["sameSite"]) == (True, True, "Lax")
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")
    await picture(page, "signed-out")
    assert wrong == []
    await page.get_by_role("link", name="Sign out there too").click()
    assert page.url.startswith(f"{at.address}/oauth2/end_session")


async def test_an_account_without_a_role_is_told_so(browser: Browser, signing: Running) -> None:
    page, _ = await page_of(browser, signing, "light", 1280)
    await page.goto("/")
    await page.get_by_placeholder("sub").fill("newcomer")
    await page.get_by_role("button", name="Authorize").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("You cannot use these pages")
    await page.get_by_role("link", name="Begin again").click()
    await expect(page.get_by_role("button", name="Authorize")).to_be_visible()


async def test_who_stops_at_the_provider_can_begin_again_with_the_keyboard(
    browser: Browser, signing: Running, at: Provider
) -> None:
    page, _ = await page_of(browser, signing, "light", 1280)
    await page.goto("/")
    await page.get_by_role("button", name="Deny").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("You were not signed in")
    for _ in range(5):
        await page.keyboard.press("Tab")
        if await page.locator(":focus").inner_text() == "Begin again":
            break
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{at.address}/**")


async def test_the_pages_of_the_sign_in_fit_narrow_windows_and_have_no_barrier(
    browser: Browser, signing: Running
) -> None:
    page, _ = await page_of(browser, signing, "light", 320)
    context = await browser.new_context(color_scheme="light", base_url=signing.site, bypass_csp=True)
    open = await context.new_page()
    for address in ("/signed-out", "/signed-in?state=none"):
        await page.goto(address)
        assert await fits(page), address
        await open.goto(address)
        assert await barriers(open) == [], address
