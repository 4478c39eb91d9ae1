"""A server that gives tokens to programs that show their id and secret, as OAuth 2.0 has it."""

from __future__ import annotations

import base64
import json
import ssl
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from joserfc import jwk, jwt

KEY = jwk.ECKey.generate_key("P-256", parameters={"kid": "1", "alg": "ES256", "use": "sig"})


def write_keys(file: Path) -> None:
    """Write the keys by which Kafka knows the issuer's tokens."""
    file.write_text(json.dumps({"keys": [KEY.as_dict(private=False)]}))


class Issuer:
    """Runs during the `with` block. `secrets` are the clients' own; tokens end after `lifetime` seconds."""

    def __init__(self, certificate: Path, secrets: Mapping[str, str]) -> None:
        self.issued = 0
        self.lifetime = 3600
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                basic = base64.b64decode(self.headers.get("Authorization", "").removeprefix("Basic "))
                client, _, secret = basic.decode().partition(":")
                known = secrets.get(client) == secret
                answer = json.dumps(issuer.token(client) if known else {"error": "invalid_client"}).encode()
                self.send_response(200 if known else 401)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(certificate)
        self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)

    @property
    def url(self) -> str:
        """Where tokens are given."""
        return f"https://localhost:{self._server.server_port}/token"

    def token(self, client: str) -> dict[str, object]:
        """The answer with a token for the client."""
        self.issued += 1
        now = int(time.time())
        claims = {"sub": client, "aud": "kafka", "iat": now, "exp": now + self.lifetime}
        token = jwt.encode({"alg": "ES256", "kid": "1"}, claims, KEY)
        return {"access_token": token, "token_type": "Bearer", "expires_in": self.lifetime}

    def __enter__(self) -> Issuer:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
