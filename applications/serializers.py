"""Applications in AWX's shape."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied

from applications import services
from applications.models import Application
from applications.permissions import ApplicationRules
from awx_oauth.accounts.access import access_of
from awx_oauth.accounts.models import Organization
from awx_oauth.rest import schemas
from awx_oauth.rest.serializers import BASE_FIELDS, ResourceSerializer

MASK = "************"  # AWX's CENSOR_VALUE


class ApplicationSerializer(ResourceSerializer):
    """A client. Its secret is shown in the answer that made it, and a public client has no such key (AWX)."""

    url_name = "application"
    related_lists: ClassVar = {"tokens": "application-token-list", "activity_stream": "application-activity-list"}
    related_rows: ClassVar = {"organization": ("organization-detail", ("id", "name", "description"))}
    rules = ApplicationRules()
    example: ClassVar = {
        "id": 42,
        "name": "Inventory report",
        "description": "A weekly summary of every inventory.",
        "client_id": "gwSPoasWSdNkMDtBN3Hu2WYQpPWCO9SwUEsKK22l",
        "client_secret": MASK,
        "client_type": "confidential",
        "redirect_uris": "https://client.example/callback",
        "authorization_grant_type": "authorization-code",
        "organization": 1,
        "allowed_origins": "",
    }
    sometimes_absent: ClassVar = frozenset({"client_secret"})  # a public client has none

    modified = serializers.DateTimeField(source="updated", read_only=True)
    client_secret = serializers.SerializerMethodField(
        help_text="Used for more stringent verification of access to an application when creating a token."
    )

    class Meta:
        model = Application
        fields = (
            *BASE_FIELDS,
            "name",
            "description",
            "client_id",
            "client_secret",
            "client_type",
            "redirect_uris",
            "authorization_grant_type",
            "skip_authorization",
            "organization",
            "pkce_required",
            "resource_server",
            "allowed_origins",
        )
        read_only_fields = ("client_id",)
        validators: ClassVar[list[Any]] = []  # the service says it in AWX's words

    _cleartext = ""  # of the secret that this serializer has had made

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """The grant type of an application stays; a request to change it is ignored (AWX)."""
        fields = super().get_fields()
        if isinstance(self.instance, Application):
            fields["authorization_grant_type"].read_only = True
        return fields

    def get_client_secret(self, target: Application) -> str:
        """Stars, unless it has just been made."""
        return self._cleartext or MASK

    def to_representation(self, instance: Application) -> dict[str, Any]:
        """Without the secret that a public client does not have."""
        shown: dict[str, Any] = super().to_representation(instance)
        if instance.is_public:
            del shown["client_secret"]
        return shown

    def get_summary_fields(self, target: Application) -> dict[str, Any]:
        """AWX's, with a look at the tokens."""
        tokens = [{"id": token.pk, "token": MASK, "scope": token.scope} for token in target.shown_tokens]
        count = target.token_count or 0
        return super().get_summary_fields(target) | {"tokens": {"count": count, "results": tokens}}

    def validate_organization(self, value: Organization) -> Organization:
        """One must administer the organization that an application comes to. Raises :class:`PermissionDenied`."""
        if not access_of(self.context["request"]).administers(value.pk):
            raise PermissionDenied
        return value

    def validate_resource_server(self, value: bool) -> bool:  # noqa: FBT001 - DRF's signature
        """Superusers set it: a resource server learns about the tokens of every client."""
        before = self.instance.resource_server if self.instance is not None else False
        if value != before and not access_of(self.context["request"]).is_superuser:
            raise PermissionDenied(_("Cannot change %(fields)s.") % {"fields": "resource_server"})
        return value

    def create(self, validated_data: dict[str, Any]) -> Application:
        """Register it."""
        application, self._cleartext = services.create_application(actor=self.context["request"].user, **validated_data)
        application.shown_tokens, application.token_count = [], 0
        return application

    def update(self, instance: Application, validated_data: dict[str, Any]) -> Application:
        """Change it. A public client that becomes confidential gets a secret, shown now and never again."""
        actor = self.context["request"].user
        self._cleartext = services.change_application(instance, actor=actor, **validated_data)
        return instance

    @classmethod
    def summary_schema(cls) -> schemas.Schema:
        """With the tokens."""
        schema = super().summary_schema()
        results = {"type": "array", "items": schemas.brief(("id", "token", "scope"))}
        tokens = schemas.structure({"count": {"type": "integer"}, "results": results}, ("count", "results"))
        schema["properties"]["tokens"] = tokens
        schema["required"].append("tokens")
        return schema
