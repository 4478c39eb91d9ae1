"""The dashboard's settings, its database, and what its roles may do there."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr

from shared.database import Program
from shared.settings import ServiceSettings, SettingsError

DATABASE = Program(
    "dashboard",
    Path(__file__).with_name("migrations"),
    grants="""
grant create on database {database} to {app};
grant insert, update, delete on models to {app};
grant insert on case_views, equality_tables, equalities to {app};
""",
)
"""The app role makes the read models itself. It can add to the log of views and to the tables
by group, and change nothing in them."""


class DashboardSettings(ServiceSettings):
    """Settings of the dashboard: those of a service, and who vouches for those who use it."""

    dashboard_proxy_key: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="key by which the sign-in proxy shows that a request comes from it, at least 16 "
        "characters. Only development works without it",
    )

    def check(self) -> None:
        """Refuse contradictory settings. Raises `SettingsError`."""
        super().check()
        if self.environment == "production":
            for name in ("dashboard_proxy_key", "erasure_key"):
                if getattr(self, name) is None:
                    raise SettingsError(
                        f"PROBATION_{name.upper()} is missing: set it, or nobody can be told from others"
                    )

    @property
    def key(self) -> bytes:
        """The key of the hashes that stand for people in addresses, and for those who were erased."""
        assert self.hashing_key is not None, "check() has seen to it"
        return self.hashing_key
