"""An OpenID provider for tests: that of a library, and what it leaves out: PKCE and the client's secret."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import oidc_provider_mock
import werkzeug
from werkzeug.serving import make_server
from werkzeug.test import run_wsgi_app

CLIENT, SECRET = "dashboard", "secret of the tests' client"


@dataclass
class Provider:
    """A running provider. `issuer` is what it calls itself, if not by its address."""

    address: str = ""
    issuer: str | None = None
    challenges: set[str] = field(default_factory=set)

    def guarding(self, app: Any) -> Callable[..., Any]:
        """The application; but without the client's secret and the PKCE verifier nobody gets a token."""

        def answer(environ: dict[str, Any], start: Any) -> Any:
            request = werkzeug.Request(environ)
            if request.path == "/.well-known/openid-configuration" and self.issuer:
                parts, _, _ = run_wsgi_app(app, environ)
                said = json.loads(b"".join(parts)) | {"issuer": self.issuer}
                return werkzeug.Response(json.dumps(said), mimetype="application/json")(environ, start)
            if request.path == "/oauth2/authorize":
                given = parse_qs(request.query_string.decode())
                assert given["code_challenge_method"] == ["S256"]
                assert given["nonce"]
                self.challenges.update(given["code_challenge"])
            if request.path == "/oauth2/token":
                environ["wsgi.input"] = io.BytesIO(request.get_data(parse_form_data=False))
                request = werkzeug.Request(environ)
                digest = hashlib.sha256(request.form.get("code_verifier", "").encode()).digest()
                challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
                who = request.authorization
                known = who is not None and (who.username, who.password) == (CLIENT, SECRET)
                if not known or challenge not in self.challenges:
                    words = '{"error": "invalid_grant"}'
                    return werkzeug.Response(words, 400, mimetype="application/json")(environ, start)
                environ["wsgi.input"].seek(0)
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
