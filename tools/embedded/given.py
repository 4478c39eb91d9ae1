"""Servers at a given address, which somebody else runs and we leave running."""

import contextlib
import socket
from typing import NoReturn
from urllib.parse import quote, urlsplit, urlunsplit

from tools.embedded.process import EmbeddedError


class _Given:
    """A server at an address. `start` checks that it answers."""

    def __init__(self, address: str, variable: str, default_port: int) -> None:
        self._address = address
        self._variable = variable
        self._default_port = default_port

    def start(self) -> None:
        """Check that something answers at the address, or at one of several. Raises `EmbeddedError`."""
        for part in self._address.split(","):
            url = urlsplit(part if "://" in part else f"//{part}")
            with contextlib.suppress(OSError, ValueError):
                where = (url.hostname or "localhost", url.port or self._default_port)
                socket.create_connection(where, timeout=5).close()
                return
        raise EmbeddedError(
            f"nothing answers at the address in {self._variable}: start it there, or unset it"
        )

    def close(self) -> None:
        """Leave it running."""

    def stop(self) -> NoReturn:
        """Refuse, because it is not ours."""
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
        """The address of a database on it, with the URL's database and user unless others are given."""
        host = self._url.netloc
        if user:
            host = f"{quote(user, safe='')}:{quote(password or '', safe='')}@{host.rpartition('@')[2]}"
        path = f"/{quote(database)}" if database else self._url.path
        return urlunsplit(self._url._replace(netloc=host, path=path))
