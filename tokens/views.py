"""REST: access tokens. The protocol's endpoints are in :mod:`tokens.endpoints`."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from rest_framework.mixins import CreateModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from applications.models import Application
from awx_oauth.accounts.models import User
from awx_oauth.activity.views import ObjectActivityListView
from awx_oauth.rest.views import DetailView, ListCreateView, SublistCreateView, SublistView
from tokens import revocation
from tokens.models import AccessToken, RefreshToken
from tokens.rules import TokenRules
from tokens.serializers import (
    AuthorizedTokenSerializer,
    PersonalTokenSerializer,
    TokenDetailSerializer,
    TokenSerializer,
)


class _TokenRows:
    """What showing tokens needs: one query."""

    def get_queryset(self) -> QuerySet[AccessToken]:
        """With user and application, and whether a refresh token goes with it."""
        live = RefreshToken.objects.filter(token_family=OuterRef("token_family"), revoked=None)
        rows = super().get_queryset()  # type: ignore[misc]
        shown: QuerySet[AccessToken] = rows.select_related("user", "application").annotate(is_refreshable=Exists(live))
        return shown


class TokenListView(_TokenRows, ListCreateView):
    """Access tokens. POST makes one for the caller."""

    model = AccessToken
    serializer_class = TokenSerializer
    rules = TokenRules()


class TokenDetailView(_TokenRows, DetailView):
    """One access token. DELETE revokes it and its refresh token."""

    model = AccessToken
    serializer_class = TokenDetailSerializer
    rules = TokenRules()

    def perform_destroy(self, instance: AccessToken) -> None:
        """Revoke it."""
        revocation.revoke_token(instance, actor=self.request.user)  # type: ignore[arg-type]


class TokenActivityListView(ObjectActivityListView):
    """What happened to one access token."""

    parent_model = AccessToken


class ApplicationTokenListView(_TokenRows, SublistCreateView):
    """The access tokens of one application. POST makes one for the caller."""

    model = AccessToken
    parent_model = Application
    parent_key = "application"
    serializer_class = TokenSerializer
    rules = TokenRules()

    def get_queryset(self) -> QuerySet[AccessToken]:
        """The parent's."""
        return super().get_queryset().filter(application=self.parent)


class UserTokenListView(_TokenRows, SublistView, CreateModelMixin):
    """The access tokens of one user, who alone can add to them."""

    model = AccessToken
    parent_model = User
    serializer_class = TokenSerializer
    rules = TokenRules()

    def get_queryset(self) -> QuerySet[AccessToken]:
        """The parent's."""
        return super().get_queryset().filter(user=self.parent)

    def may_add(self, request: Request) -> bool:
        """A token lets its bearer act as its user, so nobody makes one for another."""
        return bool(self.parent == request.user)

    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make one."""
        return self.create(request, *args, **kwargs)


class UserPersonalTokenListView(UserTokenListView):
    """The personal access tokens of one user."""

    serializer_class = PersonalTokenSerializer

    def get_queryset(self) -> QuerySet[AccessToken]:
        """Those without application."""
        return super().get_queryset().filter(application=None)


class UserAuthorizedTokenListView(UserTokenListView):
    """The access tokens that applications hold for one user."""

    serializer_class = AuthorizedTokenSerializer

    def get_queryset(self) -> QuerySet[AccessToken]:
        """Those with application."""
        return super().get_queryset().exclude(application=None)
