"""Servers that somebody else runs: their address was given, and we leave them running."""

import contextlib
import socket
from typing import NoReturn
from urllib.parse import quote, urlsplit, urlunsplit

from tools.embedded.process import EmbeddedError


class _Given:
    """A server at an address; `start` sees whether it is there."""

    def __init__(self, address: str, variable: str, default_port: int) -> None:
        self._address = address
        self._variable = variable
        self._default_port = default_port

    def start(self) -> None:
        """Return if something answers at the address (of several: at one of them); else `EmbeddedError`."""
        for part in self._address.split(","):
            place = urlsplit(part if "://" in part else f"//{part}")
            with contextlib.suppress(OSError, ValueError):
                where = (place.hostname or "localhost", place.port or self._default_port)
                socket.create_connection(where, timeout=5).close()
                return
        raise EmbeddedError(
            f"nothing answers at the address in {self._variable}: start it there, or unset it"
        )

    def close(self) -> None:
        """Leave it as it is."""

    def stop(self) -> NoReturn:
        """Refuse: it is not ours."""
        raise EmbeddedError(f"the server in {self._variable} is not ours to stop")

    kill = restart = stop


class GivenKafka(_Given):
    """The Kafka at `KAFKA_BOOTSTRAP_SERVERS`."""

    def __init__(self, bootstrap: str) -> None:
        super().__init__(bootstrap, "KAFKA_BOOTSTRAP_SERVERS", 9092)
        self.bootstrap = bootstrap


class GivenPostgres(_Given):
    """The PostgreSQL at `DATABASE_URL`, whose user must be allowed to create databases."""

    def __init__(self, url: str) -> None:
        super().__init__(url, "DATABASE_URL", 5432)
        self._url = urlsplit(url)

    def dsn(self, database: str = "", *, user: str = "", password: str | None = None) -> str:
        """Address of a database on it; the database and the user of the URL unless others are given."""
        place = self._url.netloc
        if user:
            place = f"{quote(user, safe='')}:{quote(password or '', safe='')}@{place.rpartition('@')[2]}"
        path = f"/{quote(database)}" if database else self._url.path
        return urlunsplit(self._url._replace(netloc=place, path=path))
