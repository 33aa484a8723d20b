"""What one user may do, from one look at their memberships."""

from __future__ import annotations

from functools import cached_property
from typing import Any, cast

from rest_framework.request import Request

from awx_oauth.accounts.models import Membership, User


class Access:
    """One user's powers for as long as one request lasts."""

    def __init__(self, user: User) -> None:
        self.user = user

    @property
    def is_superuser(self) -> bool:
        """May do everything."""
        return self.user.is_superuser

    @property
    def reads_everything(self) -> bool:
        """Superusers and system auditors (AWX)."""
        return reads_everything(self.user)

    @cached_property
    def _roles(self) -> frozenset[tuple[int, str]]:
        return frozenset(Membership.objects.filter(user=self.user).values_list("organization_id", "role"))

    def administers(self, organization_id: int | None) -> bool:
        """Whether the user may manage an organization and what belongs to it."""
        return self.is_superuser or (organization_id, Membership.Role.ADMIN) in self._roles

    @property
    def administered(self) -> frozenset[int]:
        """The organizations of which the user is admin."""
        return frozenset(organization for organization, role in self._roles if role == Membership.Role.ADMIN)


def reads_everything(user: Any) -> bool:
    """Superusers and system auditors (AWX)."""
    return bool(user.is_superuser or user.is_system_auditor)


def access_of(request: Request) -> Access:
    """The caller's powers, looked up once a request."""
    http_request: Any = request._request  # noqa: SLF001 - DRF clones its own request for OPTIONS
    known: Access | None = getattr(http_request, "awx_access", None)
    if known is None or known.user is not request.user:
        known = http_request.awx_access = Access(cast("User", request.user))
    return known
