"""Who may read, add, change and delete applications (AWX's access rules)."""

from __future__ import annotations

from django.db.models import QuerySet
from rest_framework.request import Request

from applications.models import Application
from awx_oauth.accounts.access import access_of, reads_everything
from awx_oauth.accounts.models import Membership, User
from awx_oauth.accounts.permissions import organizations_of
from awx_oauth.rest import visibility
from awx_oauth.rest.permissions import Rules


@visibility.reads(Application)
def readable_applications(user: User) -> QuerySet[Application]:
    """Those of one's organizations, for members; an organization's auditors are no members (AWX)."""
    every: QuerySet[Application] = Application.objects.all()
    if reads_everything(user):
        return every
    return every.filter(organization__in=organizations_of(user, *Membership.MEMBERS))


class ApplicationRules(Rules):
    """The admins of its organization manage an application."""

    def may_add(self, request: Request) -> bool:
        """Superusers and the admins of any organization; of which one is checked with the fields."""
        access = access_of(request)
        return access.is_superuser or bool(access.administered)

    def may_change(self, request: Request, target: Application) -> bool:
        """Superusers and the admins of its organization."""
        return access_of(request).administers(target.organization_id)
