"""Users and organizations in AWX's shape."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied

from awx_oauth.accounts import services
from awx_oauth.accounts.access import access_of
from awx_oauth.accounts.models import Organization, User
from awx_oauth.accounts.permissions import OrganizationRules, UserRules
from awx_oauth.rest import visibility
from awx_oauth.rest.serializers import BASE_FIELDS, ResourceSerializer

_MASK = "$encrypted$"  # AWX: what it shows for a password, and takes for "as it was"


class OrganizationSerializer(ResourceSerializer):
    """An organization."""

    url_name = "organization"
    related_lists: ClassVar = {
        "users": "organization-user-list",
        "admins": "organization-admin-list",
        "auditors": "organization-auditor-list",
        "applications": "organization-application-list",
    }
    rules = OrganizationRules()
    example: ClassVar = {"id": 1, "name": "Default", "description": "Everybody"}

    class Meta:
        model = Organization
        fields = (*BASE_FIELDS, "name", "description")
        extra_kwargs: ClassVar[dict[str, Any]] = {"name": {"validators": []}}  # the service says it in AWX's words

    def create(self, validated_data: dict[str, Any]) -> Organization:
        """Add it."""
        return services.create_organization(actor=self.context["request"].user, **validated_data)

    def update(self, instance: Organization, validated_data: dict[str, Any]) -> Organization:
        """Change it."""
        services.change_organization(instance, actor=self.context["request"].user, **validated_data)
        return instance


class UserSerializer(ResourceSerializer):
    """A user. The password goes in and never comes out."""

    url_name = "user"
    related_lists: ClassVar = {
        "tokens": "user-token-list",
        "authorized_tokens": "user-authorized-token-list",
        "personal_tokens": "user-personal-token-list",
        "activity_stream": "user-activity-list",
    }
    rules = UserRules()
    example: ClassVar = {
        "id": 7,
        "username": "alice",
        "first_name": "Alice",
        "last_name": "Liddell",
        "email": "alice@example.com",
        "password": _MASK,
        "is_active": True,
    }

    password = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=128,
        trim_whitespace=False,
        help_text="Field used to change the password.",
    )

    class Meta:
        model = User
        fields = (
            *BASE_FIELDS,
            "username",
            "first_name",
            "last_name",
            "email",
            "is_superuser",
            "is_system_auditor",
            "password",
            "last_login",
            "is_active",
        )
        read_only_fields = ("last_login",)
        extra_kwargs: ClassVar[dict[str, Any]] = {
            "username": {"validators": []}
        }  # the service says it in Django's words

    def to_representation(self, instance: User) -> dict[str, Any]:
        """AWX's mask in place of the password."""
        return super().to_representation(instance) | {"password": _MASK}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A new user needs a password, and powers are for superusers to give."""
        if attrs.get("password") == _MASK:
            del attrs["password"]
        if self.instance is None and not attrs.get("password"):
            raise serializers.ValidationError({"password": [_("Password required for new User.")]})
        self._check_powers(attrs)
        return attrs

    def _check_powers(self, attrs: dict[str, Any]) -> None:
        request, user = self.context["request"], self.instance
        fields: list[str] = []
        if not access_of(request).is_superuser:
            fields += ["is_superuser", "is_system_auditor", "is_active"]
        if user is not None and not UserRules().may_administer(request, user, orphans=False):
            fields.append("username")
        before = user or User()
        changed = [name for name in fields if name in attrs and attrs[name] != getattr(before, name)]
        if changed:
            raise PermissionDenied(_("Cannot change %(fields)s.") % {"fields": ", ".join(changed)})

    def create(self, validated_data: dict[str, Any]) -> User:
        """Add the user."""
        return services.create_user(actor=self.context["request"].user, **validated_data)

    def update(self, instance: User, validated_data: dict[str, Any]) -> User:
        """Change the user."""
        services.change_user(instance, actor=self.context["request"].user, **validated_data)
        return instance


class AssociationSerializer(serializers.Serializer[Any]):
    """AWX's way to put a user into a list and take them out again."""

    id = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    disassociate = serializers.BooleanField(default=False)

    def validate_id(self, value: int) -> User:
        """A user that the caller can see."""
        user: User | None = visibility.readable(User, self.context["request"].user).filter(pk=value).first()
        if user is None:
            message = _('Invalid pk "%(pk)s" - object does not exist.')
            raise serializers.ValidationError(message % {"pk": value})
        return user
