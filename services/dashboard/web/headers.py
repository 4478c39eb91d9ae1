"""What the headers of every answer say."""

from __future__ import annotations

from typing import Any

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; "
    "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
"""What every answer says: nothing from another host, no script in a page, and nothing kept by the browser."""
_KEPT = {"Cache-Control": "max-age=3600"}
"""Scripts, style sheets and pictures contain nothing about anybody."""


def with_headers(app: Any) -> Any:
    """The application, with these headers where it does not say them itself."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        async def send_with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                said = {name.lower() for name, _ in message["headers"]}
                wanted = HEADERS | (_KEPT if scope["path"].startswith("/static/") else {})
                more = [(n.lower().encode(), v.encode()) for n, v in wanted.items()]
                message["headers"] = [*message["headers"], *(one for one in more if one[0] not in said)]
            await send(message)

        await app(scope, receive, send_with_headers)

    return answer
