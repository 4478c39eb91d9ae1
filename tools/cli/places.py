"""Where the databases and the broker are: as the environment says, else what `up` runs here."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from shared.settings import SECRETS
from tools.cli.mistakes import Mistake

RUNNING = Path(".probation") / "running.json"
"""What runs on this machine: `up` and `demo --keep` write it for the other commands, for the owner's eyes."""

DATABASE = "PROBATION_DATABASE_URL"
KAFKA = "PROBATION_KAFKA_BOOTSTRAP_SERVERS"
PLACEHOLDER = "{service}"


def database_of(service: str) -> str:
    """Address of a service's database.

    From PROBATION_DATABASE_URL in the environment or in /run/secrets, where `{service}` stands for the
    service's name; else of what runs on this machine.
    """
    if url := named_database(service):
        return url
    found = running().get("databases", {}).get(service)
    if found is None:
        raise Mistake(
            f"no database is known for {service}: start `probation up`, or set {DATABASE}=postgresql://..., "
            f"with {PLACEHOLDER} in place of the database's name"
        )
    return str(found)


def named_database(service: str) -> str | None:
    """The address that the environment or /run/secrets names, if one does."""
    secret = SECRETS / DATABASE.lower()
    url = os.environ.get(DATABASE) or (secret.read_text("utf-8").strip() if secret.exists() else None)
    return url.replace(PLACEHOLDER, service) if url else None


def running() -> Mapping[str, Any]:
    """What `up` or `demo --keep` runs on this machine; empty if nothing does."""
    try:
        state = json.loads(RUNNING.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return {}
    return state if _alive(int(state["pid"])) else {}


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def check_nothing_runs() -> None:
    """Raise if `up` or `demo --keep` runs in this folder: the other commands would lose sight of it."""
    if state := running():
        raise Mistake(f"it runs already in this folder (process {state['pid']}): use that, or stop it first")


@contextmanager
def announced(databases: Mapping[str, str], kafka: Mapping[str, str]) -> Iterator[None]:
    """Let the other commands find what runs here, as long as it does."""
    check_nothing_runs()
    RUNNING.parent.mkdir(exist_ok=True)
    RUNNING.unlink(missing_ok=True)
    RUNNING.touch(mode=0o600)  # it holds passwords
    state = {"pid": os.getpid(), "databases": dict(databases), "kafka": dict(kafka)}
    RUNNING.write_text(json.dumps(state, indent=2) + "\n", encoding="utf-8")
    try:
        yield
    finally:
        RUNNING.unlink(missing_ok=True)
