"""What every resource looks like: AWX's first fields, in AWX's order, with URLs that have no host."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import Any, ClassVar

from django.db import models
from django.urls import reverse
from django.utils.translation import get_language
from rest_framework import serializers

from awx_oauth.rest import named_urls, schemas
from awx_oauth.rest.fields import OptionalBooleanField, OptionalCharField, RelatedIdField
from awx_oauth.rest.permissions import Rules

Fields = dict[str, serializers.Field[Any, Any, Any, Any]]

BASE_FIELDS = ("id", "type", "url", "related", "summary_fields", "created", "modified")


class ResourceSerializer(serializers.ModelSerializer[Any]):
    """A row of a model with ``awx_type``. Subclasses say in class attributes where it leads."""

    url_name: ClassVar[str]
    # key of ``related`` → name of the URL that takes this row's id
    related_lists: ClassVar[dict[str, str]] = {}
    # foreign key → (name of the URL that takes its id, fields that ``summary_fields`` shows of it)
    related_rows: ClassVar[dict[str, tuple[str, tuple[str, ...]]]] = {}
    rules: ClassVar[Rules | None] = None
    # For the API's documentation: a value for each field that has no obvious one, and what an answer may lack
    example: ClassVar[dict[str, Any]] = {}
    sometimes_absent: ClassVar[frozenset[str]] = frozenset()

    serializer_related_field = RelatedIdField

    type = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()
    related = serializers.SerializerMethodField()
    summary_fields = serializers.SerializerMethodField()

    def get_fields(self) -> Fields:
        """DRF's, derived from the model once: doing so each time takes a third of what a short answer costs."""
        return deepcopy(_derived_fields(type(self), get_language()))

    def build_standard_field(self, field_name: str, model_field: models.Field[Any, Any]) -> tuple[Any, dict[str, Any]]:
        """AWX takes ``null`` for texts and flags that may be left out."""
        field_class, options = super().build_standard_field(field_name, model_field)
        if options.get("required") is False and not options.get("read_only"):
            if field_class is serializers.CharField:
                field_class = OptionalCharField
            elif field_class is serializers.BooleanField:
                field_class = OptionalBooleanField
        return field_class, options

    def get_type(self, target: Any) -> str:
        """AWX's name of the model."""
        return str(target.awx_type)

    def get_url(self, target: Any) -> str:
        """The row's own path."""
        return reverse(f"{self.url_name}-detail", args=[target.pk])

    def get_related(self, target: Any) -> dict[str, str]:
        """Where the row leads; on its own it also tells its name's path (AWX)."""
        related = {}
        name = None if isinstance(self.parent, serializers.ListSerializer) else named_urls.name_of(target)
        if name is not None:
            related["named_url"] = self.get_url(target).rsplit("/", 2)[0] + f"/{name}/"
        for field, (url_name, _) in self.related_rows.items():
            identifier = getattr(target, f"{field}_id")
            if identifier is not None:
                related[field] = reverse(url_name, args=[identifier])
        return related | {key: reverse(url_name, args=[target.pk]) for key, url_name in self.related_lists.items()}

    def get_summary_fields(self, target: Any) -> dict[str, Any]:
        """The rows that this one refers to, in brief, and what the caller may do with it."""
        summary: dict[str, Any] = {}
        for field, (_, shown) in self.related_rows.items():
            row = getattr(target, field)
            if row is not None:
                summary[field] = {name: getattr(row, name) for name in shown}
        if self.rules is not None:
            request = self.context["request"]
            summary["user_capabilities"] = {
                "edit": self.rules.may_change(request, target),
                "delete": self.rules.may_delete(request, target),
            }
        return summary

    @classmethod
    def related_schema(cls) -> schemas.Schema:
        """What ``related`` holds."""
        rows = {field: schemas.path(url_name, 7) for field, (url_name, _) in cls.related_rows.items()}
        lists = {key: schemas.path(url_name, cls.example["id"]) for key, url_name in cls.related_lists.items()}
        return schemas.structure({"named_url": schemas.PATH, **rows, **lists}, lists)

    @classmethod
    def summary_schema(cls) -> schemas.Schema:
        """What ``summary_fields`` hold."""
        rows = {field: schemas.brief(shown) for field, (_, shown) in cls.related_rows.items()}
        if cls.rules is None:
            return schemas.structure(rows)
        may = schemas.structure({"edit": {"type": "boolean"}, "delete": {"type": "boolean"}}, ("edit", "delete"))
        return schemas.structure({**rows, "user_capabilities": may}, ("user_capabilities",))

    def describe(self, schema: schemas.Schema, *, is_answer: bool) -> None:
        """Complete what can be told from the fields: their examples, and in an answer what this class computes."""
        properties = schema["properties"]
        if is_answer:
            properties["type"] = {"type": "string", "enum": [self.Meta.model.awx_type]}  # type: ignore[attr-defined]
            properties["url"] = schemas.path(f"{self.url_name}-detail", self.example["id"])
            properties["related"] = self.related_schema()
            properties["summary_fields"] = self.summary_schema()
            for name, field in self.fields.items():
                if isinstance(field, OptionalCharField | OptionalBooleanField):
                    properties[name].pop("nullable", None)  # taken, never given
            schema["required"] = [name for name in properties if name not in self.sometimes_absent]
        for name in self.example.keys() & properties.keys():
            properties[name]["example"] = self.example[name]


@cache
def _derived_fields(serializer: type[ResourceSerializer], _language: str | None) -> Fields:
    """By language, since whether a field's own label says more than its name is found out by comparing the two."""
    fields: Fields = super(ResourceSerializer, serializer()).get_fields()
    return fields
