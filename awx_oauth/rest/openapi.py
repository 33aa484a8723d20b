"""How the OpenAPI document describes a view of the REST API: drf-spectacular with AWX's conventions."""

from __future__ import annotations

import re
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework.mixins import CreateModelMixin
from rest_framework.permissions import SAFE_METHODS

from awx_oauth.rest import schemas

_ACTS = {
    "GET": "show",
    "POST": "add",
    "PUT": "set every field",
    "PATCH": "set some fields",
    "DELETE": "delete",
}
_SUCCESSES = {"200": "As asked.", "201": "Added.", "204": "Done; there is no body."}
_ROLE = re.compile(r":\w+:`~?([^`]+)`|``([^`]+)``")
# Where the subject of a docstring's first sentence ends
_SUBJECT = re.compile(r"(?:;|, as | \(AWX\)|\.$).*")


class Schema(AutoSchema):
    """One view, in the words of its docstrings."""

    def get_summary(self) -> str:
        """What the view is for, and what the method does there."""
        subject = _SUBJECT.sub("", _sentences(self.view)[0])
        return f"{subject}: {'list' if self._is_list_view() else _ACTS[self.method]}"

    def get_description(self) -> str:  # type: ignore[override] # as the library's own
        """What else the docstrings of the view and of its method say."""
        others = tuple(f"{method} " for method in _ACTS if method != self.method)
        of_view = [sentence for sentence in _sentences(self.view)[1:] if not sentence.startswith(others)]
        return " ".join([*of_view, *_sentences(getattr(self.view, self.method.lower()))])

    def get_tags(self) -> list[str]:
        """The resource, or ``api`` above all resources."""
        return super().get_tags() or ["api"]

    def get_override_parameters(self) -> list[Any]:
        """AWX's ids."""
        if "{id}" not in self.path:
            return []
        return [
            OpenApiParameter(
                "id",
                str,
                OpenApiParameter.PATH,
                required=True,
                description="The row's id, or its name as `related.named_url` spells it.",
            )
        ]

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: Any
    ) -> dict[str, Any] | None:
        """DRF-spectacular's, with how it can fail."""
        operation: dict[str, Any] | None = super().get_operation(path, path_regex, path_prefix, method, registry)
        if operation is not None:
            for status, response in operation["responses"].items():
                response["description"] = response["description"] or _SUCCESSES[status]
            for status in self._failures():
                operation["responses"][str(status)] = {"$ref": f"#/components/responses/{schemas.REFUSALS[status]}"}
        return operation

    def _failures(self) -> list[int]:
        is_public = {} in self.get_auth()
        if is_public:
            return [406]
        found = [400, 401, 403, 406, 429]
        if "{id}" in self.path or self._is_list_view():  # also a page that is not there
            found.append(404)
        if self.method in {"POST", "PUT", "PATCH"}:
            found.append(415)
        return sorted(found)

    def get_request_serializer(self) -> Any:
        """What the method notes for itself, or the view's."""
        takes, _answers = self._said() or (None, None)
        return takes if takes is not None else super().get_request_serializer()

    def get_response_serializers(self) -> Any:
        """Likewise."""
        _takes, answers = self._said() or (None, None)
        return answers if answers is not None else super().get_response_serializers()

    def _said(self) -> tuple[Any, dict[int, Any]] | None:
        said: tuple[Any, dict[int, Any]] | None = getattr(getattr(self.view, self.method.lower()), "says", None)
        return said

    def _is_create_operation(self) -> bool:
        return self.method == "POST" and isinstance(self.view, CreateModelMixin)

    def _map_serializer(self, serializer: Any, direction: str, bypass_extensions: Any = False) -> Any:  # noqa: FBT002
        """A resource says itself what its computed fields hold, and gives examples."""
        mapped = super()._map_serializer(serializer, direction, bypass_extensions)  # type: ignore[no-untyped-call]
        for field in mapped.get("properties", {}).values():
            field.pop("x-spec-enum-id", None)  # for a hook of the library that we do not use
            field.pop("title", None)  # the name again, but for capitals
            if "description" in field:
                field["description"] = _markdown(field["description"])
        describe = getattr(serializer, "describe", None)
        if describe is not None:
            describe(mapped, is_answer=direction == "response")
        return mapped


class BearerScheme(OpenApiAuthenticationExtension):
    """An access token (RFC 6750)."""

    target_class = "tokens.authentication.BearerAuthentication"
    name = "bearerAuth"

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[Any]]]:
        """Any token, or with its scope as OAuth2 knows it."""
        scope = "read" if auto_schema.method in SAFE_METHODS else "write"
        return [{"bearerAuth": []}, {"oauth2": [scope]}]

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """RFC 6750 §2.1."""
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "An access token, personal or an application's. What changes something needs `write`.",
        }


class BasicScheme(OpenApiAuthenticationExtension):
    """User name and password."""

    target_class = "awx_oauth.rest.authentication.BasicAuthentication"
    name = "basicAuth"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """RFC 7617."""
        return {"type": "http", "scheme": "basic", "description": "User name and password, unless turned off."}


def share_components(result: schemas.Schema, **_context: Any) -> schemas.Schema:
    """The document with what every list takes and every operation can answer in it once.

    A postprocessing hook of drf-spectacular.
    """
    components = result["components"]
    for kind, shared in schemas.COMPONENTS.items():
        components.setdefault(kind, {}).update(shared)
    parameters = components["parameters"] = {}
    for path_item in result["paths"].values():
        for operation in path_item.values():
            for place, parameter in enumerate(operation.get("parameters", ())):
                if parameter["in"] == "query":
                    name = "".join(part.capitalize() for part in parameter["name"].split("_"))
                    parameters[name] = parameter
                    operation["parameters"][place] = {"$ref": f"#/components/parameters/{name}"}
    return result


def _sentences(documented: Any) -> list[str]:
    """The docstring's, as Markdown."""
    text = _markdown(" ".join((documented.__doc__ or "").split()))
    return re.findall(r".+?[.!?](?=\s|$)|.+$", text) if text else [""]


def _markdown(docstring: str) -> str:
    return _ROLE.sub(r"`\1\2`", docstring)
