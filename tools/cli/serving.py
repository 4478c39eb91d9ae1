"""Commands that run one program, as in production: `serve` and `ticker`."""

from __future__ import annotations

import asyncio
import os
import socket
from datetime import datetime
from importlib import import_module
from typing import Annotated

import typer
from rich.markup import escape

from schemas.topics import SERVICES as NAMES
from services.dashboard.settings import DashboardSettings
from shared.settings import PREFIX, KafkaSettings, ServiceSettings, load
from tools.cli import errors
from tools.cli.addresses import check_names_each, join_what_runs_here
from tools.cli.errors import UserError

PANEL = "Run one program, as in production"


def known(name: str) -> str:
    """Check the name of a service in a command's arguments."""
    if name not in NAMES:
        raise typer.BadParameter(f"there is no service {name!r}: use one of {', '.join(NAMES)}")
    return name


Service = Annotated[
    str,
    typer.Argument(help="Which service.", metavar="SERVICE", callback=known, show_default=False),
]


DASHBOARD = "dashboard"


def _servable(name: str) -> str:
    return name if name == DASHBOARD else known(name)


Servable = Annotated[
    str,
    typer.Argument(
        help=f"One of {', '.join(NAMES)}, or {DASHBOARD}.",
        metavar="SERVICE",
        callback=_servable,
        show_default=False,
    ),
]


ALL = "all"
"""In place of a service: all of them."""


def _known_or_all(name: str) -> str:
    return name if name == ALL else known(name)


OneOrAll = Annotated[
    str,
    typer.Argument(help=f"One of {', '.join(NAMES)}, or {ALL}.", metavar="SERVICE", callback=_known_or_all),
]


def services_of(name: str) -> tuple[str, ...]:
    """The services that are meant; raises `UserError` if all are and the environment names one database."""
    if name != ALL:
        return (name,)
    check_names_each()
    return NAMES


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(rich_help_panel=PANEL, epilog=_settings())(serve)
    app.command(rich_help_panel=PANEL)(ticker)


def _settings() -> str:
    """Every setting with its meaning and default, for the help text."""
    lines = []
    for name, field in DashboardSettings.model_fields.items():
        default = "" if field.is_required() or field.default is None else f" [{field.default}]"
        lines.append(f"{PREFIX}{name.upper()}{default}: {field.description}")
    return escape("Settings, as environment variables or files in /run/secrets:\n\n" + "\n\n".join(lines))


def serve(service: Servable) -> None:
    """Run one service, or the dashboard, until it is stopped. Several instances share the work.

    Environment variables configure it. PROBATION_KAFKA_BOOTSTRAP_SERVERS and PROBATION_DATABASE_URL are
    required, unless `probation up` runs in this folder: then it joins. Health checks and metrics are at
    /readyz, /livez and /metrics on PROBATION_HTTP_PORT (8080).

    The dashboard answers on the same port: what needs doing is at /. In production it also needs
    PROBATION_DASHBOARD_PROXY_KEY and PROBATION_ERASURE_KEY.

    Example: probation serve contacts
    """
    from shared.runtime.program import run

    join_what_runs_here(service)
    if service == DASHBOARD:
        from services.dashboard.app import serve as serve_pages

        site = load(DashboardSettings)
        check_port(site)
        run(serve_pages(site))
        return
    from schemas import language
    from shared.runtime import service as runtime

    settings = load(ServiceSettings)
    check_port(settings)
    only = import_module(f"services.{service}.app")  # without the other three
    run(runtime.serve(only.SERVICE, language, settings))


def ticker(
    repeat_from: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            metavar="YYYY-MM-DD",
            help="Publish the days from this one to today again, then end: for a service that was down for "
            "longer than the clock's topic keeps its days.",
        ),
    ] = None,
) -> None:
    """Publish DayStarted at the start of each day. Nothing else publishes it.

    Publishes shortly after midnight in London, and catches up on days that it missed. Run one, or several for
    safety: publishing a day twice has no effect.

    Example: probation ticker --repeat-from 2026-05-04
    """
    from shared.runtime.program import run
    from shared.runtime.ticker import serve
    from tools.clock import the_ticker

    settings = load(KafkaSettings)
    clock = the_ticker(settings)
    if repeat_from is None:
        check_port(settings)
        run(serve(clock, settings))
        return
    with errors.kafka(settings):
        again = asyncio.run(clock.repeat(repeat_from.date()))
    if not again:
        raise UserError(f"{repeat_from:%Y-%m-%d} has not begun in London yet: give an earlier day")
    print(f"published again: {len(again)} days, from {again[0]} to {again[-1]}")


def check_port(settings: KafkaSettings) -> None:
    """Fail with a clear message if the port for health checks and metrics cannot be used."""
    if settings.http_port != 0:
        remedy = "set PROBATION_HTTP_PORT to another port, or to 0 for none"
        check_listens(settings.http_host, settings.http_port, remedy)


def check_listens(host: str, port: int, remedy: str) -> None:
    """Fail with a clear message if this port cannot be used. Uvicorn would only log a line and exit."""
    try:
        with socket.create_server((host, port)):
            pass
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise UserError(f"cannot listen at {host}:{port} ({why}): {remedy}") from None
