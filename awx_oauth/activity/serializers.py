"""The audit log in the shape of AWX's activity stream."""

from __future__ import annotations

import platform
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, ClassVar

from django.urls import reverse
from rest_framework import serializers

from awx_oauth.activity.models import Activity
from awx_oauth.rest import schemas, visibility
from awx_oauth.rest.serializers import ResourceSerializer

# What summary_fields tell of an entry's object, by its type; every type's detail URL is in _URL_NAMES
_SUMMARIES = {
    "user": ("id", "username", "first_name", "last_name"),
    "organization": ("id", "name", "description"),
    "o_auth2_application": ("id", "name", "description"),
    "o_auth2_access_token": ("id", "user_id", "description", "application_id", "scope"),
}
_URL_NAMES = {
    "user": "user-detail",
    "organization": "organization-detail",
    "o_auth2_application": "application-detail",
    "o_auth2_access_token": "token-detail",
}


class _ActivityListSerializer(serializers.ListSerializer[Any]):
    """Reads the objects of a page of entries at once, as far as they still exist and the caller may see them."""

    child: ActivitySerializer

    def to_representation(self, data: Any) -> list[Any]:
        """The entries, each knowing its object."""
        entries = list(data)
        self.child.objects = objects_of(entries, self.context["request"].user)
        return super().to_representation(entries)


class ActivitySerializer(ResourceSerializer):
    """One entry. AWX's fields first; ours say which event it was and which client acted."""

    url_name = "activity"
    example: ClassVar = {
        "id": 1234,
        "operation": "create",
        "changes": {"description": "Backup", "scope": "read"},
        "object1": "o_auth2_access_token",
        "event": "token:issued",
        "object_name": "Backup",
        "actor_name": "alice",
        "action_node": "node-1",
        "remote_address": "192.0.2.7",
    }

    object1 = serializers.CharField(source="object_type", read_only=True)
    object2 = serializers.SerializerMethodField()
    object_association = serializers.SerializerMethodField()
    action_node = serializers.SerializerMethodField()
    object_type = serializers.SerializerMethodField()
    remote_address = serializers.SerializerMethodField()

    class Meta:
        model = Activity
        list_serializer_class = _ActivityListSerializer
        fields = (
            "id",
            "type",
            "url",
            "related",
            "summary_fields",
            "timestamp",
            "operation",
            "changes",
            "object1",
            "object2",
            "object_association",
            "action_node",
            "object_type",
            "event",
            "object_name",
            "actor_name",
            "client_id",
            "remote_address",
        )

    def to_representation(self, instance: Activity) -> dict[str, Any]:
        """An entry that is shown alone looks its object up itself."""
        if not isinstance(self.parent, _ActivityListSerializer):
            self.objects = objects_of([instance], self.context["request"].user)
        return super().to_representation(instance)

    def get_related(self, target: Activity) -> dict[str, Any]:
        """The actor, and the object under its type, in a list (AWX)."""
        related: dict[str, Any] = {}
        if target.actor is not None:
            related["actor"] = reverse("user-detail", args=[target.actor_id])
        if self._object(target) is not None:
            related[target.object_type] = [reverse(_URL_NAMES[target.object_type], args=[target.object_id])]
        return related

    def get_summary_fields(self, target: Activity) -> dict[str, Any]:
        """The actor and the object in brief."""
        summary: dict[str, Any] = {}
        found = self._object(target)
        if found is not None:
            summary[target.object_type] = [_brief(found, target.object_type)]
        if target.actor is not None:
            summary["actor"] = _brief(target.actor, "user")
        return summary

    def get_object2(self, target: Activity) -> str:
        """Always empty: ``changes`` names the other side of an association."""
        return ""

    def get_object_association(self, target: Activity) -> str:
        """Always empty."""
        return ""

    def get_action_node(self, target: Activity) -> str:
        """The machine that answers (AWX)."""
        return platform.node()

    def get_object_type(self, target: Activity) -> str:
        """Always empty (AWX); the type is in ``object1``."""
        return ""

    def get_remote_address(self, target: Activity) -> str | None:
        """Where the request came from, for those who read everything."""
        user = self.context["request"].user
        return target.remote_address if user.is_superuser or user.is_system_auditor else None

    @classmethod
    def related_schema(cls) -> schemas.Schema:
        """The actor, and a list under the object's type."""
        objects = {name: {"type": "array", "items": schemas.path(_URL_NAMES[name], 7)} for name in _SUMMARIES}
        return schemas.structure({"actor": schemas.path("user-detail", 7), **objects})

    @classmethod
    def summary_schema(cls) -> schemas.Schema:
        """Likewise."""
        objects = {name: {"type": "array", "items": schemas.brief(shown)} for name, shown in _SUMMARIES.items()}
        return schemas.structure({"actor": schemas.brief(_SUMMARIES["user"]), **objects})

    def describe(self, schema: schemas.Schema, *, is_answer: bool) -> None:
        """``changes`` are an object."""
        schema["properties"]["changes"]["type"] = "object"
        super().describe(schema, is_answer=is_answer)

    def _object(self, target: Activity) -> Any:
        return self.objects.get((target.object_type, target.object_id))


def objects_of(entries: Iterable[Activity], user: Any) -> dict[tuple[str, int | None], Any]:
    """The objects that ``entries`` speak of, by type and id: one query for each type."""
    identifiers = defaultdict(set)
    for entry in entries:
        if entry.object_type in _SUMMARIES:
            identifiers[entry.object_type].add(entry.object_id)
    models = visibility.resources()
    return {
        (awx_type, found.pk): found
        for awx_type, wanted in identifiers.items()
        for found in visibility.readable(models[awx_type], user).filter(pk__in=wanted)
    }


def _brief(target: Any, awx_type: str) -> dict[str, Any]:
    return {name: getattr(target, name) for name in _SUMMARIES[awx_type]}
