"""The dashboard's settings, its database, and what its roles may do there."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

from pydantic import Field, SecretStr, field_validator

from shared.database import Program
from shared.settings import ServiceSettings, SettingsError

DATABASE = Program(
    "dashboard",
    Path(__file__).with_name("migrations"),
    grants="""
grant create on database {database} to {app};
grant insert, update, delete on models to {app};
grant insert on case_views, equality_tables, equalities to {app};
grant insert, delete on sign_ins, sessions to {app};
revoke select on sign_ins, sessions from {read};
grant insert, delete on what_ifs, what_if_counts, what_if_findings to {app};
""",
)
"""The app role makes the read models itself. It can add to the log of views and to the tables
by group, and change nothing in them."""


CLAIMS = {"user": "sub", "role": "role", "region": "region", "pdu": "pdu", "grants": "grants"}
"""What the provider's claims say of who asks, and how they are usually called."""
Role = Literal["practitioner", "manager", "region", "national", "operator"]
"""What people may be: see `web/access.py` for what each may see."""
ROLES: tuple[str, ...] = get_args(Role)


class DashboardSettings(ServiceSettings):
    """Settings of the dashboard: those of a service, and who vouches for those who use it."""

    dashboard_proxy_key: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="key by which the sign-in proxy shows that a request comes from it, at least 16 "
        "characters. Only development works without it, or with an OpenID provider",
    )
    dashboard_oidc_issuer: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s?#]+$",
        description="address of the OpenID provider that signs people in, in place of a sign-in proxy",
    )
    dashboard_oidc_client_id: str | None = Field(
        default=None, description="id under which the provider knows the dashboard"
    )
    dashboard_oidc_client_secret: SecretStr | None = Field(default=None, description="secret of that client")
    dashboard_oidc_claims: dict[str, str] = Field(
        default={},
        description='names of the provider\'s claims, as JSON, where they are not user: "sub", role: "role", '
        'region: "region", pdu: "pdu" and grants: "grants"; a dot goes into an object',
    )
    dashboard_oidc_roles: dict[str, str] = Field(
        default={},
        description="role of each word that the provider's claim for roles may have, as JSON, such as "
        '{"probation-managers": "manager"}; without it the words are the roles',
    )
    dashboard_address: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s/?#]+$",
        description="address under which browsers reach the dashboard, for the provider to send them back to",
    )
    dashboard_session_hours: int = Field(
        default=8, ge=1, le=24, description="hours after which people must sign in again at the provider"
    )

    @field_validator("dashboard_oidc_claims")
    @classmethod
    def _known_claims(cls, claims: dict[str, str]) -> dict[str, str]:
        if unknown := sorted(set(claims) - set(CLAIMS)):
            raise ValueError(f"{unknown[0]} is none of {', '.join(CLAIMS)}")
        return claims

    @field_validator("dashboard_oidc_roles")
    @classmethod
    def _known_roles(cls, roles: dict[str, str]) -> dict[str, str]:
        if unknown := sorted(set(roles.values()) - set(ROLES)):
            raise ValueError(f"{unknown[0]} is none of {', '.join(ROLES)}")
        return roles

    def check(self) -> None:
        """Refuse contradictory settings. Raises `SettingsError`."""
        super().check()
        production = self.environment == "production"
        if self.dashboard_oidc_issuer is not None:
            self._check_provider()
        elif production and self.dashboard_proxy_key is None:
            raise SettingsError(
                "PROBATION_DASHBOARD_PROXY_KEY is missing: set it, or PROBATION_DASHBOARD_OIDC_ISSUER, or "
                "nobody can be told from others"
            )
        if production and self.erasure_key is None:
            raise SettingsError("PROBATION_ERASURE_KEY is missing: set it to the one that the services have")

    def _check_provider(self) -> None:
        if self.dashboard_proxy_key is not None:
            raise SettingsError(
                "PROBATION_DASHBOARD_PROXY_KEY and PROBATION_DASHBOARD_OIDC_ISSUER are both set: keep one, "
                "since either the proxy or the provider says who asks"
            )
        for name in ("dashboard_oidc_client_id", "dashboard_oidc_client_secret", "dashboard_address"):
            if getattr(self, name) is None:
                raise SettingsError(
                    f"PROBATION_{name.upper()} is missing: sign-in at an OpenID provider needs it"
                )
        for name in ("dashboard_oidc_issuer", "dashboard_address"):
            if self.environment == "production" and not getattr(self, name).startswith("https://"):
                raise SettingsError(f"PROBATION_{name.upper()} must begin with https:// in production")

    @property
    def key(self) -> bytes:
        """The key of the hashes that stand for people in addresses, and for those who were erased."""
        assert self.hashing_key is not None, "check() has seen to it"
        return self.hashing_key
