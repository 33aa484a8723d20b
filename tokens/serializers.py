"""Access tokens in AWX's shape. A token's value is in the answer that made it, and nowhere else."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers

from awx_oauth.rest.serializers import BASE_FIELDS, ResourceSerializer
from tokens import scopes, services
from tokens.models import AccessToken
from tokens.rules import TokenRules

MASK = "************"  # AWX's CENSOR_VALUE


class TokenSerializer(ResourceSerializer):
    """A token that one makes for oneself: a personal one, or one for an application."""

    url_name = "token"
    related_lists: ClassVar = {"activity_stream": "token-activity-list"}
    related_rows: ClassVar = {
        "user": ("user-detail", ("id", "username", "first_name", "last_name")),
        "application": ("application-detail", ("id", "name")),
    }
    rules = TokenRules()
    example: ClassVar = {
        "id": 99,
        "description": "Backup",
        "user": 7,
        "token": MASK,
        "refresh_token": None,
        "application": None,
        "expires": "2030-01-31T12:00:00Z",
        "scope": "read",
    }

    modified = serializers.DateTimeField(source="updated", read_only=True)
    token = serializers.SerializerMethodField()
    refresh_token = serializers.SerializerMethodField()
    expires = serializers.DateTimeField(
        required=False, allow_null=True, help_text="Of a personal token: earlier than it would expire otherwise."
    )
    scope = serializers.CharField(
        required=False,
        trim_whitespace=False,
        allow_blank=True,  # validate_scope says it better
        help_text="Allowed scopes, further restricts user's permissions. Must be a simple space-separated string with "
        "allowed scopes ['read', 'write'].",
    )

    class Meta:
        model = AccessToken
        fields = (
            *BASE_FIELDS,
            "description",
            "user",
            "token",
            "refresh_token",
            "application",
            "expires",
            "scope",
            "last_used",
        )
        read_only_fields: tuple[str, ...] = ("user", "last_used")

    _cleartexts: tuple[str, str | None] | None = None  # access and refresh token that this serializer has had made

    def get_token(self, target: AccessToken) -> str:
        """Stars, unless it has just been made."""
        return self._cleartexts[0] if self._cleartexts else MASK

    def get_refresh_token(self, target: AccessToken) -> str | None:
        """The same, or null where there is none."""
        if self._cleartexts:
            return self._cleartexts[1]
        return MASK if target.is_refreshable else None

    def validate_scope(self, value: str) -> str:
        """``read``, ``write`` or both, each once."""
        asked = value.split(" ")
        if len(set(asked)) != len(asked) or not scopes.are_known(asked):
            message = _("Must be a simple space-separated string with allowed scopes %(scopes)s.")
            raise serializers.ValidationError(message % {"scopes": list(scopes.known())})
        return value

    def validate_expires(self, value: datetime | None) -> datetime | None:
        """A token that has expired already would be of no use."""
        if value is not None and value <= timezone.now():
            raise serializers.ValidationError(_("Must be in the future."))
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The tokens of applications all live equally long."""
        if attrs.get("application") is None:
            attrs.pop("application", None)
        elif attrs.pop("expires", None) is not None:
            raise serializers.ValidationError({"expires": [_("Only personal tokens can expire earlier.")]})
        return attrs

    def create(self, validated_data: dict[str, Any]) -> AccessToken:
        """Issue it to whoever asks."""
        wanted = {"user": self.context["request"].user, "scope": scopes.WRITE, **validated_data}
        if "application" in wanted:
            token, access, refresh = services.issue_application_token(**wanted)
            self._cleartexts = access, refresh
        else:
            token, access = services.issue_personal_token(**wanted)
            self._cleartexts = access, None
        return token

    def update(self, instance: AccessToken, validated_data: dict[str, Any]) -> AccessToken:
        """Change its scope or description."""
        services.change_token(instance, actor=self.context["request"].user, **validated_data)
        return instance


class TokenDetailSerializer(TokenSerializer):
    """A token there is: whose it is and how long it lives stays."""

    class Meta(TokenSerializer.Meta):
        read_only_fields = ("user", "application", "last_used")

    expires = serializers.DateTimeField(read_only=True)


class PersonalTokenSerializer(TokenSerializer):
    """A token without an application, whatever the body says (AWX)."""

    class Meta(TokenSerializer.Meta):
        read_only_fields = ("user", "application", "last_used")


class AuthorizedTokenSerializer(TokenSerializer):
    """A token for an application, which must be named."""

    example: ClassVar = {**TokenSerializer.example, "refresh_token": MASK, "application": 42}

    class Meta(TokenSerializer.Meta):
        extra_kwargs: ClassVar[dict[str, Any]] = {"application": {"required": True, "allow_null": False}}
