"""Who asks, and what they may see.

A sign-in proxy says it in headers. It removes these headers from what browsers send, and proves itself with
`X-Probation-Proxy-Key`. Values are percent-encoded UTF-8. Without a proxy, an OpenID provider
says it (`sign_in.py`).
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args
from urllib.parse import unquote

from schemas.words import Region
from services.dashboard.settings import ROLES, DashboardSettings, Role
from services.dashboard.web.translation import Said
from shared.probation.names import name_key

REGIONS: tuple[str, ...] = get_args(Region)


class NotSignedIn(Said):
    """Nobody vouches for who asks. The message says what is missing or wrong."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks. `pdu_key` limits practitioners and managers to a delivery unit; None: the whole region.

    `name` is a practitioner's own id. `grants` are the people with limited access that they may see.
    """

    name: str
    role: Role
    regions: tuple[str, ...] = ()
    pdu_key: str | None = None
    grants: tuple[str, ...] = ()

    @property
    def sees_people(self) -> bool:
        """May they see lists of people and cases, where they work?"""
        return self.role in ("practitioner", "manager", "region")

    @property
    def sees_numbers(self) -> bool:
        """May they see numbers?"""
        return self.role != "operator"

    @property
    def scope(self) -> tuple[list[str], str | None]:
        """The regions whose numbers they may see, and the delivery unit if only one."""
        return (list(REGIONS) if self.role == "national" else list(self.regions)), self.pdu_key

    def scope_in(self, pdu: str) -> tuple[list[str], str]:
        """The regions and the key of the delivery unit whose numbers they are shown if they ask for that one.

        An empty key means all units; no region, that they may not see the unit.
        """
        regions, own = self.scope
        wanted = name_key(pdu)
        if own is not None and wanted not in ("", own):
            return [], wanted
        return regions, wanted or own or ""

    def works_at(self, region: str, pdu: str) -> bool:
        """Is this place within what they may see?"""
        return region in self.regions and self.pdu_key in (None, name_key(pdu))


LOCAL = Viewer("you", "region", REGIONS)
"""Who asks on one's own machine, if no header says otherwise."""


def viewer_of(headers: Mapping[str, str], settings: DashboardSettings) -> Viewer:
    """Who asks. Raises `NotSignedIn`."""
    given = {name: unquote(headers.get(f"x-probation-{name}", "")).strip() for name in _NAMES}
    if settings.dashboard_proxy_key is not None:
        expected = settings.dashboard_proxy_key.get_secret_value()
        if not hmac.compare_digest(given["proxy-key"].encode(), expected.encode()):
            raise NotSignedIn("The request did not come through the sign-in proxy.")
    elif not given["user"]:
        return LOCAL
    return vouched_for(
        given["user"], given["role"], _words(given["region"]), given["pdu"], _words(given["grants"])
    )


def vouched_for(user: str, role: str, regions: Sequence[str], pdu: str, grants: Sequence[str]) -> Viewer:
    """Who asks, as whoever signs them in says. Raises `NotSignedIn` if that is not enough."""
    if not user or role not in ROLES:
        raise NotSignedIn("The sign-in did not say who asks, or in which role.")
    if unknown := set(regions) - set(REGIONS):
        names = ", ".join(sorted(unknown))
        raise NotSignedIn("The sign-in named an unknown region: %(names)s.", names=names)
    if role in ("practitioner", "manager") and not pdu:
        raise NotSignedIn("The sign-in did not say in which delivery unit you work.")
    return Viewer(
        user,
        role,  # type: ignore[arg-type]  # it is one of them
        tuple(regions),
        name_key(pdu) if pdu else None,
        tuple(grants),
    )


_NAMES = ("user", "role", "region", "pdu", "grants", "proxy-key")


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())
