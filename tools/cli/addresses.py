"""The addresses of the databases and the broker: from the environment, or of what `up` runs here."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from shared.encryption import database_mistake
from shared.settings import DEVELOPMENT_ERASURE_KEY, PREFIX, SECRETS
from tools.cli.errors import UserError

RUNNING = Path(".probation") / "running.json"
"""What runs on this machine, written by `up` and `demo --keep` for other commands of the same user."""

DATABASE = "PROBATION_DATABASE_URL"
KAFKA = "PROBATION_KAFKA_BOOTSTRAP_SERVERS"
ENVIRONMENT = "PROBATION_ENVIRONMENT"
ERASURE_KEY = "PROBATION_ERASURE_KEY"
LOG_KEY = "PROBATION_LOG_KEY"
PLACEHOLDER = "{service}"


def database_of(service: str) -> str:
    """The address of a service's database.

    From PROBATION_DATABASE_URL in the environment or in /run/secrets, where `{service}` is replaced with the
    service's name. Otherwise from what runs on this machine.
    """
    if url := named_database(service):
        return url
    found = running().get("databases", {}).get(service)
    if found is None:
        raise UserError(
            f"no database is known for {service}: start `probation up`, or set {DATABASE}=postgresql://..., "
            f"with {PLACEHOLDER} as the name of the database"
        )
    return str(found)


def named_database(service: str) -> str | None:
    """The address in the environment or in /run/secrets, if there is one."""
    url = _given(DATABASE)
    if not url:
        return None
    if mistake := database_mistake(DATABASE, url, _given(ENVIRONMENT) or "production"):
        raise UserError(mistake)
    return url.replace(PLACEHOLDER, service)


def dashboard_database() -> str:
    """The address of the dashboard's database: in the environment, or of what runs here."""
    url = named_database("dashboard") or running().get("dashboard")
    if url is None:
        raise UserError(f"no database is known for the dashboard: start `probation up`, or set {DATABASE}")
    return str(url)


def erasure_key() -> bytes | None:
    """The key that hashes the names of erased people: the services' own, or that of what runs here."""
    key = _given(ERASURE_KEY)
    if key:
        return key.encode()
    return DEVELOPMENT_ERASURE_KEY if running() and not _given(DATABASE) else None


def log_key() -> str | None:
    """The key of the hash that identifies a person in logs."""
    return _given(LOG_KEY)


def _given(variable: str) -> str | None:
    secret = SECRETS / variable.lower()
    return os.environ.get(variable) or (secret.read_text("utf-8").strip() if secret.exists() else None)


def join_what_runs_here(service: str) -> None:
    """Let this program use the broker and the database of what runs here, unless others are named."""
    here = running()
    elsewhere = _given(KAFKA) not in (None, here.get("kafka", {}).get(KAFKA))
    if not here or _given(DATABASE) or elsewhere:
        return
    database = here["dashboard"] if service == "dashboard" else here["databases"][service]
    os.environ.update(here["kafka"], PROBATION_DATABASE_URL=database, PROBATION_ENVIRONMENT="development")


def check_names_each() -> None:
    """Raise if the environment names one database where each service's own is to be read."""
    url = os.environ.get(DATABASE)
    if url and PLACEHOLDER not in url:
        raise UserError(
            f"{DATABASE} names one database: use {PLACEHOLDER} as its name, to read each service's own"
        )


def running() -> Mapping[str, Any]:
    """What `up` or `demo --keep` runs on this machine. Empty if neither runs."""
    try:
        state = json.loads(RUNNING.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return {}
    return state if _alive(int(state["pid"])) else {}


def running_settings() -> dict[str, str]:
    """Settings for the broker that runs here. Empty if none does, or if the environment names one."""
    here = {} if KAFKA in os.environ else running().get("kafka", {})
    return {name.removeprefix(PREFIX).lower(): value for name, value in here.items()}


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def check_nothing_runs() -> None:
    """Raise if `up` or `demo --keep` runs in this folder: other commands would no longer find it."""
    if state := running():
        raise UserError(
            f"it is already running in this folder (process {state['pid']}): use that, or stop it first"
        )


@contextmanager
def announced(
    databases: Mapping[str, str], kafka: Mapping[str, str], dashboard: str | None = None
) -> Iterator[None]:
    """Let other commands find what runs here, while it runs."""
    check_nothing_runs()
    RUNNING.parent.mkdir(exist_ok=True)
    RUNNING.unlink(missing_ok=True)
    RUNNING.touch(mode=0o600)  # it contains passwords
    state = {
        "pid": os.getpid(),
        "databases": dict(databases),
        "kafka": dict(kafka),
        "dashboard": dashboard,
    }
    RUNNING.write_text(json.dumps(state, indent=2) + "\n", encoding="utf-8")
    try:
        yield
    finally:
        RUNNING.unlink(missing_ok=True)
