"""What OPTIONS tells of a view, in the shape that awxkit builds its command line from (AWX)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions, serializers
from rest_framework.metadata import SimpleMetadata
from rest_framework.request import Request, clone_request

from awx_oauth.rest import lookups, visibility
from awx_oauth.rest.pagination import Pagination

if TYPE_CHECKING:
    from rest_framework.views import APIView  # it imports this module

_HELP = {
    "id": "Database ID for this {}.",
    "type": "Data type for this {}.",
    "url": "URL for this {}.",
    "related": "Data structure with URLs of related resources.",
    "summary_fields": (
        "Data structure with name/description for related resources.  The output for some objects may be limited for "
        "performance reasons."
    ),
    "created": "Timestamp when this {} was created.",
    "modified": "Timestamp when this {} was last modified.",
    "name": "Name of this {}.",
    "description": "Optional description of this {}.",
}
_TYPES = {
    "type": "choice",
    "url": "string",
    "token": "string",
    "refresh_token": "string",
    "related": "object",
    "summary_fields": "object",
    "created": "datetime",
    "modified": "datetime",
}
_WRITING_ONLY = ("required", "read_only", "default", "min_length", "max_length", "placeholder")


class Metadata(SimpleMetadata):
    """DRF's metadata with AWX's additions: what GET returns, the types, what can be searched."""

    def determine_metadata(self, request: Request, view: APIView) -> dict[str, Any]:
        """Everything about one view."""
        metadata: dict[str, Any] = super().determine_metadata(request, view)
        model = getattr(view, "model", None)
        if model is not None:
            metadata["types"] = [model.awx_type]
        search_fields = getattr(view, "search_fields", None)
        if search_fields:
            metadata["search_fields"] = search_fields
            metadata["related_search_fields"] = [
                f"{field.name}__search"
                for field in view.model._meta.get_fields()  # type: ignore[attr-defined]
                if field.is_relation and visibility.is_resource(field.related_model)
            ]
            metadata["max_page_size"] = Pagination.max_page_size
            metadata["object_roles"] = []  # AWX compatibility: its roles are not here
        return metadata

    def determine_actions(self, request: Request, view: Any) -> dict[str, Any]:
        """The fields of each method that this caller may use. A row that does not exist lacks PUT only (AWX)."""
        actions = {}
        for method in ("GET", "PUT", "POST"):
            if method not in view.allowed_methods:
                continue
            view.request = clone_request(request, method)
            try:
                view.check_permissions(view.request)
                row = view.get_object() if method == "PUT" else None
                serializer = view.get_serializer(instance=row)
                actions[method] = _fields_for(method, self.get_serializer_info(serializer))
            except (exceptions.APIException, PermissionDenied, Http404):
                continue
            finally:
                view.request = request
        return actions

    def get_field_info(self, field: serializers.Field[Any, Any, Any, Any]) -> dict[str, Any]:
        """One field as AWX describes it."""
        info: dict[str, Any] = dict(super().get_field_info(field))
        name = field.field_name
        model = field.parent.Meta.model  # type: ignore[attr-defined]
        if name in _HELP:
            info["help_text"] = _HELP[name].format(model._meta.verbose_name)
        if isinstance(field, serializers.PrimaryKeyRelatedField):
            info["type"] = "id"  # awxkit then takes a name as well
        elif isinstance(field, serializers.JSONField):
            info["type"] = "json"
        else:
            info["type"] = _TYPES.get(name or "", info["type"])
        if name == "type":
            info["choices"] = [(model.awx_type, str(model._meta.verbose_name).capitalize())]
        elif "choices" in info:
            info["choices"] = [(choice["value"], choice["display_name"]) for choice in info["choices"]]
        columns = {column.name for column in model._meta.fields} - lookups.FORBIDDEN
        info["filterable"] = name == "type" or name in columns
        if field.default is not serializers.empty and not callable(field.default):
            info["default"] = field.default
        if field.write_only:
            info["write_only"] = True
        return info


def _fields_for(method: str, fields: dict[str, Any]) -> dict[str, Any]:
    """What concerns reading when one reads, and what one may send when one writes."""
    chosen = {}
    for name, info in fields.items():
        if method == "GET":
            if not info.pop("write_only", False):
                chosen[name] = {key: value for key, value in info.items() if key not in _WRITING_ONLY}
        elif not info.pop("read_only", False):
            chosen[name] = info
    return chosen
