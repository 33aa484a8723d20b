"""REST: users, organizations, and who belongs to which."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from awx_oauth.accounts import services
from awx_oauth.accounts.access import access_of
from awx_oauth.accounts.models import Membership, Organization, User
from awx_oauth.accounts.permissions import OrganizationRules, UserRules
from awx_oauth.accounts.serializers import AssociationSerializer, OrganizationSerializer, UserSerializer
from awx_oauth.activity.models import Activity
from awx_oauth.activity.views import ObjectActivityListView
from awx_oauth.rest import schemas, visibility
from awx_oauth.rest.views import DetailView, ListCreateView, ListView, SublistView


class OrganizationListView(ListCreateView):
    """Organizations."""

    model = Organization
    serializer_class = OrganizationSerializer
    rules = OrganizationRules()


class OrganizationDetailView(DetailView):
    """One organization."""

    model = Organization
    serializer_class = OrganizationSerializer
    rules = OrganizationRules()

    def perform_destroy(self, instance: Organization) -> None:
        """Delete it with what belongs to it."""
        services.delete_organization(instance, actor=self.request.user)


class OrganizationMemberListView(SublistView):
    """The users who have a role in an organization; POST puts one in or takes one out."""

    model = User
    parent_model = Organization
    serializer_class = UserSerializer
    role: ClassVar[str] = Membership.Role.MEMBER
    shown_roles: ClassVar[tuple[str, ...]] = Membership.MEMBERS

    def get_queryset(self) -> QuerySet[User]:
        """Those whom the caller can see."""
        members = Membership.objects.filter(organization=self.parent, role__in=self.shown_roles)
        rows: QuerySet[User] = super().get_queryset().filter(pk__in=members.values("user_id"))
        return rows.prefetch_related("memberships")

    def may_add(self, request: Request) -> bool:
        """Superusers and the organization's admins."""
        return access_of(request).administers(self.parent.pk)

    @schemas.says(takes=AssociationSerializer, answers={204: None})
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """``{"id": 7}`` associates, ``{"id": 7, "disassociate": true}`` disassociates: 204 (AWX)."""
        serializer = AssociationSerializer(data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        act = services.remove_member if serializer.validated_data["disassociate"] else services.add_member
        act(organization=self.parent, user=serializer.validated_data["id"], role=self.role, actor=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class OrganizationAdminListView(OrganizationMemberListView):
    """An organization's admins."""

    role = Membership.Role.ADMIN
    shown_roles = (Membership.Role.ADMIN,)


class OrganizationAuditorListView(OrganizationMemberListView):
    """An organization's auditors, who read what its admins can."""

    role = Membership.Role.AUDITOR
    shown_roles = (Membership.Role.AUDITOR,)


class UserListView(ListCreateView):
    """Users."""

    model = User
    serializer_class = UserSerializer
    rules = UserRules()

    def get_queryset(self) -> QuerySet[User]:
        """With what tells who may change them."""
        return super().get_queryset().prefetch_related("memberships")


class UserDetailView(DetailView):
    """One user."""

    model = User
    serializer_class = UserSerializer
    rules = UserRules()

    def perform_update(self, serializer: BaseSerializer[Any]) -> None:
        """Change the user; whoever changes their own password stays logged in where they did it (AWX)."""
        user = serializer.save()
        authenticator = self.request.successful_authenticator
        if user == self.request.user and isinstance(authenticator, SessionAuthentication):
            update_session_auth_hash(self.request._request, user)  # noqa: SLF001

    def perform_destroy(self, instance: User) -> None:
        """Delete the user with what was granted to and by them."""
        try:
            services.delete_user(instance, actor=self.request.user)
        except ValidationError as error:
            raise PermissionDenied(error.messages[0]) from error  # AWX compatibility: 403


class MeView(ListView):
    """The caller, as a list of one (AWX)."""

    model = User
    serializer_class = UserSerializer
    rules = UserRules()

    def get_queryset(self) -> QuerySet[User]:
        """Only the caller."""
        return visibility.readable(User, self.request.user).filter(pk=self.request.user.pk)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What authentication has read already; only a filter needs the database again."""
        if request.query_params:
            return super().list(request, *args, **kwargs)
        results = self.get_serializer([request.user], many=True).data
        return Response({"count": 1, "next": None, "previous": None, "results": results})

    def get_view_name(self) -> str:
        """AWX's title."""
        return _("Me")


class UserActivityListView(ObjectActivityListView):
    """What one user did, and what was done to them."""

    parent_model = User

    def get_queryset(self) -> QuerySet[Activity]:
        """AWX puts both into one list."""
        about = Q(object_type=User.awx_type, object_id=self.parent.pk)
        rows = visibility.readable(Activity, self.request.user).filter(about | Q(actor=self.parent))
        return rows.select_related("actor")
