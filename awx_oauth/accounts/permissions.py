"""Who may read, add, change and delete users, organizations and memberships (AWX's access rules)."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from rest_framework.request import Request

from awx_oauth.accounts.access import access_of, reads_everything
from awx_oauth.accounts.models import Membership, Organization, User
from awx_oauth.rest import visibility
from awx_oauth.rest.permissions import Rules


def organizations_of(user: User, *roles: str) -> QuerySet[Any, Any]:
    """The ids of the organizations in which ``user`` has one of ``roles``, or any role; for use in a query."""
    memberships = Membership.objects.filter(user=user)
    return (memberships.filter(role__in=roles) if roles else memberships).values("organization_id")


@visibility.reads(Organization)
def readable_organizations(user: User) -> QuerySet[Organization]:
    """Everyone's own; all of them for superusers and system auditors."""
    if reads_everything(user):
        return Organization.objects.all()
    return Organization.objects.filter(pk__in=organizations_of(user))


@visibility.reads(User)
def readable_users(user: User) -> QuerySet[User]:
    """Oneself, superusers and whoever shares an organization; everyone for its admins and auditors (AWX)."""
    overseers = (Membership.Role.ADMIN, Membership.Role.AUDITOR)
    # AWX's ORG_ADMINS_CAN_SEE_ALL_USERS: to add people to an organization, its admins must find them
    if reads_everything(user) or organizations_of(user, *overseers).exists():
        return User.objects.all()
    colleagues = Membership.objects.filter(organization__in=organizations_of(user), role__in=Membership.MEMBERS)
    return User.objects.filter(Q(pk=user.pk) | Q(is_superuser=True) | Q(pk__in=colleagues.values("user_id")))


class OrganizationRules(Rules):
    """Superusers add organizations; their admins change and delete them."""

    def may_add(self, request: Request) -> bool:
        """Superusers."""
        return access_of(request).is_superuser

    def may_change(self, request: Request, target: Organization) -> bool:
        """Superusers and the organization's admins."""
        return access_of(request).administers(target.pk)


class UserRules(Rules):
    """Organization admins add users, and manage those who belong to no organization but theirs."""

    def may_add(self, request: Request) -> bool:
        """Superusers and the admins of any organization."""
        access = access_of(request)
        return access.is_superuser or bool(access.administered)

    def may_change(self, request: Request, target: User) -> bool:
        """Oneself, superusers, and admins of all of the user's organizations."""
        return target == request.user or self.may_administer(request, target, orphans=False)

    def may_delete(self, request: Request, target: User) -> bool:
        """As changing, but never oneself; an organization admin also those who belong nowhere (AWX)."""
        return target != request.user and self.may_administer(request, target, orphans=True)

    def may_administer(self, request: Request, target: User, *, orphans: bool) -> bool:
        """Whether the caller stands above ``target``. ``orphans``: also above users without organization."""
        access = access_of(request)
        # Whoever reads everything must not be taken over by who administers one organization (AWX)
        if access.is_superuser or reads_everything(target) or not access.administered:
            return access.is_superuser
        # .all() and not .filter(): lists prefetch the memberships
        organizations = {membership.organization_id for membership in target.memberships.all()}
        return organizations <= access.administered if organizations else orphans
