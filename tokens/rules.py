"""Who may read, change and revoke tokens over REST (AWX's access rules)."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from rest_framework.request import Request

from awx_oauth.accounts.access import access_of, reads_everything
from awx_oauth.accounts.models import Membership, User
from awx_oauth.accounts.permissions import organizations_of
from awx_oauth.rest import visibility
from awx_oauth.rest.permissions import Rules
from tokens.models import AccessToken


@visibility.reads(AccessToken)
def readable_tokens(user: User) -> QuerySet[AccessToken]:
    """One's own, and those of the applications of organizations that one administers or audits.

    So a personal token is its owner's affair, and that of superusers and system auditors.
    """
    every: QuerySet[AccessToken] = AccessToken.objects.all()
    if reads_everything(user):
        return every
    overseen = organizations_of(user, Membership.Role.ADMIN, Membership.Role.AUDITOR)
    return every.filter(Q(user=user) | Q(application__organization__in=overseen))


class TokenRules(Rules):
    """Anyone makes tokens for themselves; auditors only look."""

    def may_add(self, request: Request) -> bool:
        """Everyone; whether one can see the application is checked with the fields."""
        return True

    def may_change(self, request: Request, target: AccessToken) -> bool:
        """Superusers, the owner, and the admins of its application's organization."""
        if target.user_id == request.user.pk:
            return True
        access = access_of(request)
        if target.application is None:
            return access.is_superuser
        return access.administers(target.application.organization_id)
