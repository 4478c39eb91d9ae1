"""Sign-in at a real OpenID provider: who gets in, as whom, and what is said to everybody else."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import httpx2
import pytest

from services.dashboard.settings import DashboardSettings
from services.dashboard.web.app import web
from services.dashboard.web.changes import Changes
from services.dashboard.web.questions import Questions
from services.dashboard.web.sign_in import BROWSER, SESSION
from shared.settings import SettingsError
from tests.dashboard.conftest import ENCRYPTED, KEY
from tests.dashboard.provider import CLIENT, SECRET, Provider, provider
from tests.dashboard.site import Site, a_person

pytestmark = pytest.mark.filterwarnings("ignore:get_jwt_config")  # by which the provider signs
ADDRESS = "https://dashboard.test"
REGION = {"role": "region", "region": ["london", "wales"]}


@pytest.fixture
def people() -> dict[str, dict[str, Any]]:
    """Who has an account at the provider, with their claims."""
    return {
        "ruth": REGION,
        "nina": {"role": "national"},
        "mary": {"role": "manager", "region": "london", "pdu": "Camden"},
        "newcomer": {},
        "lost": {"role": "manager", "region": "london"},
        "two": {"role": ["manager", "region"], "region": "london", "pdu": "Camden"},
        "grouped": {"realm": {"groups": ["staff", "probation-regional"]}, "area": "london"},
    }


@pytest.fixture
def at(people: dict[str, dict[str, Any]]) -> Iterator[Provider]:
    with provider(**people) as found:
        yield found


def settings(at: Provider, dsn: str = "postgresql://u@localhost/d", **more: Any) -> DashboardSettings:
    given = {
        "kafka_bootstrap_servers": "localhost:9092",
        "database_url": dsn,
        "erasure_key": KEY.decode(),
        "environment": "development",
        "dashboard_oidc_issuer": at.address,
        "dashboard_oidc_client_id": CLIENT,
        "dashboard_oidc_client_secret": SECRET,
        "dashboard_address": ADDRESS,
        **more,
    }
    found = DashboardSettings.model_validate(given)
    found.check()
    return found


@dataclass
class Visitor:
    """Somebody with a browser, who has an account at the provider."""

    browser: httpx2.AsyncClient

    async def get(self, address: str) -> httpx2.Response:
        return await self.browser.get(address)

    async def authorize(self, address: str, answer: dict[str, str]) -> str:
        """Answer the provider's form. Returns where it sends the browser."""
        async with httpx2.AsyncClient() as elsewhere:
            sent = await elsewhere.post(address, data=answer)
        return sent.headers["location"]

    async def sign_in(self, name: str, wanted: str = "/system") -> httpx2.Response:
        """Go to a page, sign in at the provider, and come back."""
        asked = await self.get(wanted)
        begun = await self.get(asked.headers["location"])
        return await self.get(await self.authorize(begun.headers["location"], {"sub": name}))


Visit = Callable[..., Any]


@pytest.fixture
def visit(at: Provider, site: Site) -> Visit:
    """Opens a browser at a dashboard that signs people in at the provider."""

    @asynccontextmanager
    async def opened(**more: Any) -> AsyncIterator[Visitor]:
        pool = asyncpg.create_pool(site.read.dsn, min_size=0, max_size=4)
        await pool
        questions = Questions(pool, KEY)
        app = web(questions, Changes(questions), settings(at, site.read.dsn, **more), None)
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=ADDRESS) as browser:
            yield Visitor(browser)
        pool.terminate()

    return opened


async def test_who_is_not_signed_in_goes_to_the_provider_and_comes_back_to_the_page(visit: Visit) -> None:
    async with visit() as visitor:
        back = await visitor.sign_in("ruth", "/workload?region=london")
        assert (back.status_code, back.headers["location"]) == (303, "/workload?region=london")
        page = await visitor.get(back.headers["location"])
        assert page.status_code == 200
        assert "Sign out" in page.text


async def test_claims_say_what_each_may_see(visit: Visit, site: Site) -> None:
    person = await a_person(site)
    case = f"/cases/{person['token']}"
    async with visit() as visitor:
        await visitor.sign_in("nina")
        assert (await visitor.get("/what-if")).status_code == 200
        assert (await visitor.get(case)).status_code == 403
    async with visit() as visitor:
        await visitor.sign_in("ruth")
        assert (await visitor.get(case)).status_code == (
            200 if person["region"] in ("london", "wales") else 403
        )
    views = await site.read.rows("select viewer, role from case_views order by id")
    assert views == [{"viewer": "nina", "role": "national"}, {"viewer": "ruth", "role": "region"}]


async def test_claims_and_roles_have_the_names_that_the_settings_give(visit: Visit, site: Site) -> None:
    named = {
        "dashboard_oidc_claims": {"role": "realm.groups", "region": "area"},
        "dashboard_oidc_roles": {"probation-regional": "region", "probation-national": "national"},
    }
    async with visit(**named) as visitor:
        assert (await visitor.sign_in("grouped")).status_code == 303
        assert (await visitor.get("/")).status_code == 200
    [row] = await site.read.rows("select viewer from sessions")
    assert json.loads(row["viewer"]) | {"name": "", "grants": []} == {
        "name": "",
        "role": "region",
        "regions": ["london"],
        "pdu_key": None,
        "grants": [],
    }


@pytest.mark.parametrize("name", ["newcomer", "lost", "two"])
async def test_an_account_that_says_too_little_is_told_so_and_gets_no_session(
    visit: Visit, site: Site, name: str
) -> None:
    async with visit() as visitor:
        answer = await visitor.sign_in(name)
        assert answer.status_code == 403
        assert "You cannot use these pages" in answer.text
        assert SESSION not in visitor.browser.cookies
    assert await site.read.rows("select * from sessions") == []


async def test_who_stops_at_the_provider_is_told_so(visit: Visit) -> None:
    async with visit() as visitor:
        asked = await visitor.get("/")
        begun = await visitor.get(asked.headers["location"])
        answer = await visitor.get(await visitor.authorize(begun.headers["location"], {"action": "deny"}))
        assert (answer.status_code, "You were not signed in" in answer.text) == (403, True)


async def test_cookies_are_kept_from_scripts_and_from_other_sites(visit: Visit) -> None:
    async with visit() as visitor:
        back = await visitor.sign_in("ruth")
        for cookie in back.headers.get_list("set-cookie"):
            assert cookie.startswith("__Host-")
            for word in ("HttpOnly", "Path=/", "SameSite=lax", "Secure"):
                assert word in cookie


async def test_the_database_holds_no_cookie_and_no_token(visit: Visit, site: Site) -> None:
    async with visit() as visitor:
        await visitor.sign_in("ruth")
        cookie = visitor.browser.cookies[SESSION]
        rows = await site.read.rows(
            "select s::text as held from sessions s union all select s::text from sign_ins s"
        )
        assert len(rows) == 1
        assert cookie not in rows[0]["held"]
        assert "eyJ" not in rows[0]["held"]  # how a token begins


async def test_no_token_is_logged_or_in_an_address(visit: Visit, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with visit() as visitor:
        asked = await visitor.get("/")
        begun = await visitor.get(asked.headers["location"])
        answer = await visitor.authorize(begun.headers["location"], {"sub": "ruth"})
        back = await visitor.get(answer)
        state = parse_qs(urlsplit(answer).query)["state"][0]
        addresses = [asked.headers["location"], begun.headers["location"], answer, back.headers["location"]]
        held = [visitor.browser.cookies[SESSION], "eyJ", SECRET]
    assert not [address for address in addresses if any(word in address for word in held)]
    ours = [
        record.getMessage() + str(vars(record))
        for record in caplog.records
        if record.name.startswith("services")
    ]
    assert not [line for line in ours if any(word in line for word in (*held, state, "ruth"))]


async def test_another_browser_cannot_end_a_sign_in_that_somebody_else_began(visit: Visit) -> None:
    async with visit() as attacker, visit() as visitor:
        asked = await attacker.get("/")
        begun = await attacker.get(asked.headers["location"])
        answer = await attacker.authorize(begun.headers["location"], {"sub": "ruth"})
        refused = await visitor.get(answer)
        assert (refused.status_code, "This sign-in is out of date" in refused.text) == (400, True)
        assert SESSION not in visitor.browser.cookies


async def test_a_sign_in_is_ended_once(visit: Visit) -> None:
    async with visit() as visitor:
        asked = await visitor.get("/")
        begun = await visitor.get(asked.headers["location"])
        answer = await visitor.authorize(begun.headers["location"], {"sub": "ruth"})
        browser = visitor.browser.cookies[BROWSER]
        await visitor.get(answer)
        visitor.browser.cookies.set(BROWSER, browser)
        assert (await visitor.get(answer)).status_code == 400


async def test_two_tabs_of_one_browser_can_sign_in_at_once(visit: Visit) -> None:
    async with visit() as visitor:
        asked = [await visitor.get(address) for address in ("/workload", "/what-if")]
        begun = [await visitor.get(one.headers["location"]) for one in asked]
        browser = visitor.browser.cookies[BROWSER]
        for one, address in zip(begun, ("/workload", "/what-if"), strict=True):
            visitor.browser.cookies.set(BROWSER, browser)
            back = await visitor.get(await visitor.authorize(one.headers["location"], {"sub": "ruth"}))
            assert back.headers["location"] == address


async def test_a_sign_in_that_took_too_long_is_out_of_date(visit: Visit, site: Site) -> None:
    async with visit() as visitor:
        asked = await visitor.get("/")
        begun = await visitor.get(asked.headers["location"])
        answer = await visitor.authorize(begun.headers["location"], {"sub": "ruth"})
        await site.read.rows("update sign_ins set expires_at = now()")
        late = await visitor.get(answer)
        assert (late.status_code, "This sign-in is out of date" in late.text) == (400, True)


async def test_a_session_ends_and_says_how_to_go_on(visit: Visit, site: Site) -> None:
    async with visit() as visitor:
        await visitor.sign_in("ruth")
        await site.read.rows("update sessions set expires_at = now()")
        ended = await visitor.get("/workload?region=london")
        assert (ended.status_code, "Your session has ended" in ended.text) == (401, True)
        assert 'href="/sign-in?next=%2Fworkload%3Fregion%3Dlondon"' in ended.text


async def test_who_signs_out_is_known_no_more(visit: Visit, at: Provider) -> None:
    async with visit() as visitor:
        await visitor.sign_in("ruth")
        cookie = visitor.browser.cookies[SESSION]
        left = await visitor.browser.post("/sign-out")
        assert (left.status_code, left.headers["location"]) == (303, "/signed-out")
        page = await visitor.get("/signed-out")
        assert "You are signed out" in page.text
        assert f'href="{at.address}/oauth2/end_session?client_id=dashboard' in page.text
        visitor.browser.cookies.set(SESSION, cookie)
        assert (await visitor.get("/system")).status_code == 401


@pytest.mark.parametrize(
    "wanted", ["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere.example", ""]
)
async def test_after_the_sign_in_nobody_is_sent_to_another_site(visit: Visit, wanted: str) -> None:
    async with visit() as visitor:
        begun = await visitor.browser.get("/sign-in", params={"next": wanted})
        back = await visitor.get(await visitor.authorize(begun.headers["location"], {"sub": "ruth"}))
        assert (back.status_code, back.headers["location"]) == (303, "/")


async def test_what_a_script_asks_for_is_not_sent_to_the_provider(visit: Visit) -> None:
    async with visit() as visitor:
        asked = await visitor.browser.get("/", headers={"sec-fetch-mode": "cors"})
        assert asked.status_code == 401


async def test_a_header_of_a_proxy_signs_nobody_in(visit: Visit) -> None:
    headers = {"x-probation-user": "R1", "x-probation-role": "region", "x-probation-region": "london"}
    async with visit() as visitor:
        assert (await visitor.browser.get("/", headers=headers)).status_code == 303


async def test_if_the_provider_does_not_answer_the_page_says_so(visit: Visit) -> None:
    async with visit(dashboard_oidc_issuer="http://localhost:1") as visitor:
        page = await visitor.get("/sign-in")
        assert (page.status_code, "You cannot sign in at the moment" in page.text) == (503, True)


async def test_a_provider_that_calls_itself_otherwise_is_not_trusted(visit: Visit, at: Provider) -> None:
    at.issuer = "https://elsewhere.example"
    async with visit() as visitor:
        answer = await visitor.get("/sign-in")
        assert (answer.status_code, "cannot be trusted" in answer.text) == (502, True)


async def test_a_client_with_another_secret_signs_nobody_in(visit: Visit) -> None:
    async with visit(dashboard_oidc_client_secret="another secret") as visitor:
        answer = await visitor.sign_in("ruth")
        assert (answer.status_code, "You were not signed in" in answer.text) == (502, True)


async def test_a_code_for_another_client_signs_nobody_in(visit: Visit, site: Site) -> None:
    """What was begun with one PKCE verifier cannot be ended with the code of another sign-in."""
    async with visit() as attacker, visit() as visitor:
        theirs = await attacker.get((await attacker.get("/")).headers["location"])
        stolen = parse_qs(
            urlsplit(await attacker.authorize(theirs.headers["location"], {"sub": "ruth"})).query
        )
        mine = await visitor.get((await visitor.get("/")).headers["location"])
        state = parse_qs(urlsplit(mine.headers["location"]).query)["state"][0]
        answer = await visitor.browser.get("/signed-in", params={"code": stolen["code"][0], "state": state})
        assert answer.status_code == 502  # the nonce is that of the other sign-in
    assert await site.read.rows("select * from sessions") == []


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"dashboard_oidc_client_id": None}, "PROBATION_DASHBOARD_OIDC_CLIENT_ID is missing"),
        ({"dashboard_oidc_client_secret": None}, "PROBATION_DASHBOARD_OIDC_CLIENT_SECRET is missing"),
        ({"dashboard_address": None}, "PROBATION_DASHBOARD_ADDRESS is missing"),
        ({"dashboard_proxy_key": "key of the tests' proxy"}, "are both set"),
        (
            {"environment": "production", **ENCRYPTED},
            "PROBATION_DASHBOARD_OIDC_ISSUER must begin with https://",
        ),
    ],
)
def test_settings_that_do_not_fit_are_refused(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        settings(Provider("http://localhost:9400"), **changed)


@pytest.mark.parametrize(
    "changed", [{"dashboard_oidc_claims": {"name": "x"}}, {"dashboard_oidc_roles": {"boss": "king"}}]
)
def test_a_claim_or_role_that_does_not_exist_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="is none of"):
        settings(Provider("http://localhost:9400"), **changed)
