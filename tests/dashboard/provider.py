"""An OpenID provider for tests: that of a library, and what it does not check: PKCE and the client's secret."""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import oidc_provider_mock
import werkzeug
from werkzeug.serving import make_server

CLIENT, SECRET = "dashboard", "secret of the tests' client"


@dataclass
class Provider:
    """A running provider. `asked` are the paths that it was asked for."""

    address: str = ""
    challenges: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def guarding(self, app: Any) -> Callable[..., Any]:
        """The application; but without the client's secret and the PKCE verifier nobody gets a token."""

        def answer(environ: dict[str, Any], start: Any) -> Any:
            request = werkzeug.Request(environ)
            self.asked.append(request.path)
            if request.path == "/oauth2/authorize" and request.method == "GET":
                given = parse_qs(request.query_string.decode())
                assert given["code_challenge_method"] == ["S256"]
                assert given["nonce"]
                self.challenges.update(given["code_challenge"])
            if request.path == "/oauth2/token":
                digest = hashlib.sha256(request.form.get("code_verifier", "").encode()).digest()
                challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
                who = request.authorization
                known = who is not None and (who.username, who.password) == (CLIENT, SECRET)
                if not known or challenge not in self.challenges:
                    words = '{"error": "invalid_grant"}'
                    return werkzeug.Response(words, 400, mimetype="application/json")(environ, start)
            return app(environ, start)

        return answer


@contextmanager
def provider(**people: dict[str, Any]) -> Iterator[Provider]:
    """A provider that knows these people by their claims, inside the block."""
    found = Provider()
    users = [oidc_provider_mock.User(sub=name, claims=claims) for name, claims in people.items()]
    app = oidc_provider_mock.app(require_nonce=True, user_claims=users)
    server = make_server("localhost", 0, found.guarding(app), threaded=True)
    found.address = f"http://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
