"""Sign-in at an OpenID provider: the code flow with PKCE, state and nonce. Tokens are read once and not kept.

What the provider says of a person holds for one session. Only a random cookie is in the browser.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import httpx2
from authlib.integrations.starlette_client import OAuth, OAuthError
from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.dashboard.settings import CLAIMS, DashboardSettings
from services.dashboard.web.access import NotSignedIn, Viewer, vouched_for
from services.dashboard.web.answers import Answer
from services.dashboard.web.sessions import Begun, Sessions

log = logging.getLogger(__name__)

SESSION = "__Host-session"
"""The cookie of a session. Browsers keep one so named only from this host, and send it only with TLS."""
BROWSER = "__Host-sign-in"
"""The cookie of a browser that has begun a sign-in."""
UNAVAILABLE = (httpx2.HTTPError, RuntimeError, ValueError)
"""What is raised if the provider does not answer, or not with what it must say."""


class WrongProvider(Exception):
    """The provider says something that cannot be trusted. The message is for the log."""


class SignIn:
    """The pages of the sign-in, and who is signed in. `show` makes an answer of a template."""

    def __init__(self, pool: Any, settings: DashboardSettings, show: Callable[..., Response]) -> None:
        assert settings.dashboard_oidc_client_secret is not None, "check() has seen to it"
        self._settings = settings
        self._show = show
        self._sessions = Sessions(pool, timedelta(hours=settings.dashboard_session_hours))
        self._provider = OAuth().register(
            "provider",
            client_id=settings.dashboard_oidc_client_id,
            client_secret=settings.dashboard_oidc_client_secret.get_secret_value(),
            server_metadata_url=f"{str(settings.dashboard_oidc_issuer).rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={"scope": "openid profile", "code_challenge_method": "S256"},
        )

    def routes(self, worded: Callable[[Answer], Answer]) -> list[Route]:
        """The address of each page. `worded` says faults in words."""
        return [
            Route("/sign-in", worded(self._begin)),
            Route("/signed-in", worded(self._end)),
            Route("/sign-out", worded(self._sign_out), methods=["POST"]),
            Route("/signed-out", worded(self._signed_out)),
        ]

    async def viewer(self, request: Request) -> Viewer | None:
        """Who is signed in; None if nobody is."""
        cookie = request.cookies.get(SESSION)
        return await self._sessions.viewer(cookie) if cookie else None

    def ask(self, request: Request) -> Response:
        """Send somebody who is not signed in to the provider, or say that their session has ended."""
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        again = f"/sign-in?{urlencode({'next': wanted if request.method == 'GET' else '/'})}"
        opened = request.method == "GET" and request.headers.get("sec-fetch-mode", "navigate") == "navigate"
        if opened and SESSION not in request.cookies:  # what a script asks for cannot go to another host
            return RedirectResponse(again, 303)
        answer = self._words("ended", 401, again)
        _forget(answer, SESSION)
        return answer

    async def _begin(self, request: Request) -> Response:
        wanted = request.query_params.get("next", "/")
        browser = request.cookies.get(BROWSER) or secrets.token_urlsafe(32)
        state = secrets.token_urlsafe(32)
        request.scope["session"] = {}
        try:
            await self._metadata()
            answer: Response = await self._provider.authorize_redirect(
                request, f"{self._settings.dashboard_address}/signed-in", state=state
            )
        except WrongProvider as fault:
            return self._failed("wrong", 502, str(fault))
        except UNAVAILABLE as fault:
            return self._failed("unavailable", 503, type(fault).__name__)
        begun = Begun(wanted if _is_here(wanted) else "/", request.scope["session"])
        await self._sessions.begin_sign_in(state, browser, begun)
        _remember(answer, BROWSER, browser)
        return answer

    async def _end(self, request: Request) -> Response:
        given = request.query_params
        begun = await self._sessions.end_sign_in(given.get("state", ""), request.cookies.get(BROWSER, ""))
        if begun is None and given.get("error") == "access_denied":  # some providers leave out the state
            return self._failed("refused", 403, "access_denied")
        if begun is None:
            return self._words("late", 400)
        request.scope["session"] = begun.session
        try:
            viewer = self._viewer(await self._claims(request))
        except NotSignedIn as fault:
            return self._failed("no_role", 403, str(fault))
        except OAuthError as fault:
            if fault.error == "access_denied":
                return self._failed("refused", 403, "access_denied")
            return self._failed("wrong", 502, str(fault.error))
        except (JoseError, WrongProvider) as fault:
            return self._failed("wrong", 502, type(fault).__name__)
        except UNAVAILABLE as fault:
            return self._failed("unavailable", 503, type(fault).__name__)
        answer = RedirectResponse(begun.next, 303)
        _remember(answer, SESSION, await self._sessions.begin(viewer))
        _forget(answer, BROWSER)
        return answer

    async def _metadata(self) -> dict[str, Any]:
        """What the provider says of itself. Raises `WrongProvider` if it is another one than was set."""
        metadata: dict[str, Any] = await self._provider.load_server_metadata()
        if str(metadata.get("issuer")).rstrip("/") != str(self._settings.dashboard_oidc_issuer).rstrip("/"):
            raise WrongProvider("the provider calls itself otherwise than PROBATION_DASHBOARD_OIDC_ISSUER")
        signed = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        metadata["id_token_signing_alg_values_supported"] = [name for name in signed if name != "none"]
        return metadata

    async def _claims(self, request: Request) -> dict[str, Any]:
        """What the provider says: in the ID token, and where it has more to say, in its user info."""
        metadata = await self._metadata()
        wanted = {"iss": metadata["issuer"], "aud": self._settings.dashboard_oidc_client_id}
        options = {name: {"essential": True, "values": [value]} for name, value in wanted.items()}
        token = await self._provider.authorize_access_token(request, claims_options=options)
        if "userinfo" not in token:
            raise WrongProvider("the provider sent no ID token")
        claims = dict(token["userinfo"])
        if metadata.get("userinfo_endpoint"):
            more = dict(await self._provider.userinfo(token=token))
            if more.get("sub") != claims["sub"]:
                raise WrongProvider("the provider's user info is about somebody else")
            claims = {**more, **claims}
        return claims

    def _viewer(self, claims: Mapping[str, Any]) -> Viewer:
        """Who that is. Raises `NotSignedIn` if it is not said, or not clear."""
        given = {
            name: _words(claims, self._settings.dashboard_oidc_claims.get(name, usual))
            for name, usual in CLAIMS.items()
        }
        known = self._settings.dashboard_oidc_roles
        roles = {known[word] for word in given["role"] if word in known} if known else set(given["role"])
        if len(roles) > 1:
            names = ", ".join(sorted(roles))
            raise NotSignedIn("The sign-in named more than one role: %(names)s.", names=names)
        return vouched_for(
            *("".join(given["user"][:1]), "".join(roles), given["region"], "".join(given["pdu"][:1])),
            given["grants"],
        )

    async def _sign_out(self, request: Request) -> Response:
        """End the session. A form of another site cannot: browsers send it no cookie with such a request."""
        await self._sessions.end(request.cookies.get(SESSION, ""))
        answer = RedirectResponse("/signed-out", 303)
        _forget(answer, SESSION)
        return answer

    async def _signed_out(self, _request: Request) -> Response:
        try:
            metadata = await self._metadata()
        except (*UNAVAILABLE, WrongProvider):
            metadata = {}
        leave = metadata.get("end_session_endpoint")
        if leave:
            back = f"{self._settings.dashboard_address}/signed-out"
            asked = {"client_id": self._settings.dashboard_oidc_client_id, "post_logout_redirect_uri": back}
            leave = f"{leave}?{urlencode(asked)}"
        return self._words("signed_out", 200, leave=leave)

    def _failed(self, what: str, status: int, why: str) -> Response:
        log.warning("a sign-in failed", extra={"why": why})
        return self._words(what, status)

    def _words(self, what: str, status: int, again: str = "/sign-in", leave: str | None = None) -> Response:
        return self._show("sign_in.html", None, None, status, what=what, again=again, leave=leave)


def _words(claims: Mapping[str, Any], path: str) -> tuple[str, ...]:
    """The words of a claim: a text, or a list of texts. A dot in its name goes into an object."""
    found: Any = claims.get(path)
    if found is None:
        found = claims
        for name in path.split("."):
            found = found.get(name) if isinstance(found, Mapping) else None
    match found:
        case str():
            return (found.strip(),) if found.strip() else ()
        case list():
            return tuple(word.strip() for word in found if isinstance(word, str) and word.strip())
    return ()


def _is_here(address: str) -> bool:
    """Is it an address of these pages, and of no other host?"""
    return address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()


def _remember(answer: Response, name: str, value: str) -> None:
    answer.set_cookie(name, value, path="/", secure=True, httponly=True, samesite="lax")


def _forget(answer: Response, name: str) -> None:
    answer.delete_cookie(name, path="/", secure=True, httponly=True, samesite="lax")
