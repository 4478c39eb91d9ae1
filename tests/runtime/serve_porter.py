"""Runs the toy service as a process, like a command."""

from datetime import date

from shared.runtime.program import run
from shared.runtime.service import serve
from shared.settings import ServiceSettings, load
from tests.runtime import toy

if __name__ == "__main__":
    settings = load(ServiceSettings)
    run(serve(toy.SERVICE, toy.Language(), settings, latest_day=lambda: date(2026, 12, 31)))
