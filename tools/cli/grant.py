"""The grant to see what is in a case to which access is limited.

Everybody may know that such a case exists. To show more, a command asks by what right one looks, and logs it.
The real protection is the role in the database: give it to nobody who may not see these cases.
"""

from __future__ import annotations

import getpass
import logging
import re
from typing import Annotated

import typer

from tools.cli.addresses import log_key
from tools.cli.errors import UserError

_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/-]{2,63}")


def _reference(given: str | None) -> str | None:
    if given is not None and not _REFERENCE.fullmatch(given):
        raise typer.BadParameter("give a reference of 3 to 64 letters, digits, blanks or . _ / -")
    return given


Grant = Annotated[
    str | None,
    typer.Option(
        "--access-reason",
        envvar="PROBATION_ACCESS_REASON",
        help="If access to the case is limited: the reference of what gives you the right to see it. "
        "It is logged, so do not give names.",
        callback=_reference,
    ),
]


def require(reason: str | None, crn: str, command: str) -> None:
    """Log who looks into a limited case, and by what right. Raises `UserError` if they do not say it."""
    if reason is None:
        raise UserError(
            f"{crn} has a case, and access to it is limited: if you may see it, say by what right, "
            "with --access-reason REFERENCE (it is logged)"
        )
    from shared.observe import Fingerprints, log_handler

    key = log_key()
    audit = logging.getLogger("probation.audit")
    audit.handlers = [log_handler("probation", Fingerprints(key))]
    audit.propagate = False
    audit.setLevel(logging.INFO)
    looked = {"subject": crn, "command": command, "user": getpass.getuser(), "reason": reason}
    audit.info("somebody looked into a limited case", extra=looked)
