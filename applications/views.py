"""REST: applications."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery
from oauth2_provider.models import get_access_token_model
from rest_framework.mixins import CreateModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from applications import services
from applications.models import Application
from applications.permissions import ApplicationRules
from applications.serializers import ApplicationSerializer
from awx_oauth.accounts.access import access_of
from awx_oauth.accounts.models import Organization, User
from awx_oauth.activity.views import ObjectActivityListView
from awx_oauth.rest import visibility
from awx_oauth.rest.views import DetailView, ListCreateView, SublistCreateView, SublistView

_SHOWN_TOKENS = 10  # AWX's number


class _ApplicationRows:
    """What showing applications needs: three queries, however many there are."""

    def get_queryset(self) -> QuerySet[Application]:
        """With the organization, the number of tokens and the first of them."""
        tokens = get_access_token_model()._default_manager.order_by()
        own = tokens.filter(application=OuterRef("pk")).values("application")
        rows = super().get_queryset()  # type: ignore[misc]
        shown: QuerySet[Application] = (
            rows.select_related("organization")
            .annotate(token_count=Subquery(own.annotate(count=Count("pk")).values("count")))
            .prefetch_related(Prefetch("accesstoken_set", tokens.order_by("pk")[:_SHOWN_TOKENS], "shown_tokens"))
        )
        return shown


class ApplicationListView(_ApplicationRows, ListCreateView):
    """OAuth clients."""

    model = Application
    serializer_class = ApplicationSerializer
    rules = ApplicationRules()


class ApplicationDetailView(_ApplicationRows, DetailView):
    """One OAuth client."""

    model = Application
    serializer_class = ApplicationSerializer
    rules = ApplicationRules()

    def perform_destroy(self, instance: Application) -> None:
        """Delete it with every token it holds."""
        services.delete_application(instance, actor=self.request.user)


class ApplicationActivityListView(ObjectActivityListView):
    """What happened to one application."""

    parent_model = Application


class OrganizationApplicationListView(_ApplicationRows, SublistCreateView):
    """The OAuth clients of one organization."""

    model = Application
    parent_model = Organization
    parent_key = "organization"
    serializer_class = ApplicationSerializer
    rules = ApplicationRules()

    def get_queryset(self) -> QuerySet[Application]:
        """The parent's."""
        return super().get_queryset().filter(organization=self.parent)

    def may_add(self, request: Request) -> bool:
        """Superusers and the organization's admins."""
        return access_of(request).administers(self.parent.pk)


class UserApplicationListView(_ApplicationRows, SublistView, CreateModelMixin):
    """The OAuth clients that one user can see; AWX shows everyone the caller's."""

    model = Application
    parent_model = User
    serializer_class = ApplicationSerializer
    rules = ApplicationRules()

    def get_queryset(self) -> QuerySet[Application]:
        """Those that both the user and the caller can see."""
        return super().get_queryset().filter(pk__in=visibility.readable(Application, self.parent).values("pk"))

    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Add one to the organization that the body names (AWX)."""
        return self.create(request, *args, **kwargs)
