"""A single Apache Kafka node in KRaft mode, from the published artifacts. Needs JDK 17 or later and Maven.

The first time, Maven copies the jars in `tools/kafka/pom.xml` to `.probation/kafka/` in the checkout.
Formatting and starting take about three seconds on two cores.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.embedded.process import EmbeddedError, LocalServer, Process, accepts, free_port

_ROOT = Path(__file__).parents[2]
_POM = _ROOT / "tools" / "kafka" / "pom.xml"
_LOGGING = _ROOT / "tools" / "kafka" / "log4j2.properties"
_CLUSTER_ID = "cHJvYmF0aW9uLXRlc3RzLg"  # 16 bytes in Base64, as Kafka requires


class ApacheKafka(LocalServer):
    """An Apache Kafka broker that runs during the `with` block.

    Topics are never created automatically, consumer groups do not wait for more members (Kafka's default:
    3 s), sessions may be as short as 1 s, and a killed broker returns sooner. All other settings, including
    `message.max.bytes`, are Kafka's defaults.

    Args:
        directory: where to keep the data. Default: a temporary folder.
        heap: the JVM's `-Xmx`.
        runs_long: whether it pays to compile well what runs often. A broker that is soon stopped takes half
            the processor time without.
    """

    jvm_options: tuple[str, ...] = ()
    """More options of the JVM."""

    def __init__(self, directory: Path | None = None, *, heap: str = "512m", runs_long: bool = False) -> None:
        super().__init__(directory)
        self._heap = heap
        self._compiler = () if runs_long else ("-XX:TieredStopAtLevel=1",)
        self._controller_port = free_port()

    @property
    def bootstrap(self) -> str:
        """The address for a client's `bootstrap_servers`."""
        return f"127.0.0.1:{self.port}"

    def _launch(self, folder: Path, remove: Path | None) -> tuple[Process, Callable[[], bool]]:
        java = find_java()
        if java is None:
            raise EmbeddedError(
                "Apache Kafka needs a JDK 17 or later: set JAVA_HOME or put `java` on the PATH"
            )
        jvm = [
            str(java),
            f"-Xmx{self._heap}",
            "-XX:+UseSerialGC",
            *self._compiler,
            "-cp",
            f"{fetch_jars()}/*",
        ]
        jvm += [f"-Dlog4j2.configurationFile={_LOGGING}", *self.jvm_options]
        properties = folder / "server.properties"
        properties.write_text(self._properties(folder / "data"))
        if not (folder / "data" / "meta.properties").exists():
            storage = ["kafka.tools.StorageTool", "format", "-t", _CLUSTER_ID, "-c", str(properties)]
            done = subprocess.run([*jvm, *storage], capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise EmbeddedError(f"Kafka's storage could not be formatted: {done.stdout}{done.stderr}")
        command = [*jvm, "kafka.Kafka", str(properties)]
        process = Process("Apache Kafka", command, log=folder / "log", remove=remove)
        return process, lambda: accepts(self.port)

    def _properties(self, data: Path) -> str:
        controller = f"127.0.0.1:{self._controller_port}"
        return "\n".join(
            (
                "process.roles=broker,controller",
                "node.id=1",
                f"controller.quorum.voters=1@{controller}",
                f"listeners=PLAINTEXT://{self.bootstrap},CONTROLLER://{controller}",
                f"advertised.listeners=PLAINTEXT://{self.bootstrap}",
                "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
                "controller.listener.names=CONTROLLER",
                f"log.dirs={data}",
                "auto.create.topics.enable=false",
                # Everyone may do everything, until a test takes a right away.
                "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                "allow.everyone.if.no.acl.found=true",
                "group.initial.rebalance.delay.ms=0",
                "group.min.session.timeout.ms=1000",
                # After a kill the controller readmits the broker when its old session ends (default: 9 s).
                "broker.session.timeout.ms=3000",
                "broker.heartbeat.interval.ms=500",
                # One node can have one replica. Few partitions, because each is opened at every start.
                "offsets.topic.replication.factor=1",
                "offsets.topic.num.partitions=3",
                "transaction.state.log.replication.factor=1",
                "transaction.state.log.min.isr=1",
                "transaction.state.log.num.partitions=3",
                "log.index.size.max.bytes=1048576",
            )
        )


def find_java() -> Path | None:
    """A `java` of version 17 or later, from JAVA_HOME or else from the PATH."""
    home, on_path = os.environ.get("JAVA_HOME"), shutil.which("java")
    candidates = [Path(home) / "bin" / "java"] if home else []
    candidates += [Path(on_path)] if on_path else []
    for java in candidates:
        if java.exists() and _java_version(java) >= 17:
            return java
    return None


def _java_version(java: Path) -> int:
    command = [str(java), "-XshowSettings:properties", "-version"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    value = done.stderr.partition("java.specification.version = ")[2].split("\n")[0]
    return int(value) if value.isdigit() else 0  # before Java 9: "1.8"


def version() -> str:
    """The version of Apache Kafka that the pom pins."""
    return _POM.read_text().partition("<kafka.version>")[2].partition("</")[0]


def jars_are_here() -> bool:
    """Whether the jars have been downloaded."""
    return _jars().exists()


def fetch_jars() -> Path:
    """The folder with the broker's jars. Maven downloads them the first time for each pom."""
    jars = _jars()
    if jars.exists():
        return jars
    maven = shutil.which("mvn")
    if maven is None or not _POM.exists():
        raise EmbeddedError(
            "Apache Kafka's jars are not here, and there is no Maven (`mvn`) to download them"
        )
    jars.parent.mkdir(parents=True, exist_ok=True)
    with _alone(jars.parent / "lock"):
        return jars if jars.exists() else _fetch(maven, jars)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Lock out other processes, if the system can, because Maven's repository does not support two."""
    with lock.open("w") as file:
        try:
            import fcntl
        except ImportError:  # on Windows
            pass
        else:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _fetch(maven: str, jars: Path) -> Path:
    unfinished = Path(tempfile.mkdtemp(dir=jars.parent))
    goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={unfinished}"]
    command = [maven, "--batch-mode", "--quiet", "--file", str(_POM), *goal]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        shutil.rmtree(unfinished)
        raise EmbeddedError(
            f"Maven could not download Apache Kafka:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        )
    unfinished.rename(jars)
    return jars


def _jars() -> Path:
    # Named after the pom's content, so that a new version gets a new folder.
    return _ROOT / ".probation" / "kafka" / hashlib.sha256(_POM.read_bytes()).hexdigest()[:12]
