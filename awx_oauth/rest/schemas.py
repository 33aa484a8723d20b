"""Pieces of JSON Schema, in the flavour of OpenAPI 3.0, for what AWX's resources have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.urls import reverse

Schema = dict[str, Any]
Method = TypeVar("Method", bound=Callable[..., Any])

PATH: Schema = {"type": "string", "format": "uri-reference"}


def says(*, takes: Any = None, answers: dict[int, Any]) -> Callable[[Method], Method]:
    """Describe a view's method that no serializer of the view describes.

    ``takes`` is a serializer's class, ``answers`` a schema or ``None`` by status. It is a note for
    :class:`awx_oauth.rest.openapi.Schema`: drf-spectacular's own decorator loads all of that in every worker, and
    Django's test tools with it.
    """

    def note(method: Method) -> Method:
        method.says = takes, answers  # type: ignore[attr-defined]
        return method

    return note


def path(url_name: str, pk: int) -> Schema:
    """A host-less path of the API."""
    return {**PATH, "example": reverse(url_name, args=[pk])}


def structure(properties: dict[str, Schema], required: Iterable[str] = ()) -> Schema:
    """An object with these properties and no other."""
    found: Schema = {"type": "object", "properties": properties}
    names = list(required)
    if names:
        found["required"] = names
    return found


def brief(names: Iterable[str]) -> Schema:
    """A row in ``summary_fields``: ids and texts."""
    chosen = list(names)
    return structure({name: _column(name) for name in chosen}, chosen)


def _column(name: str) -> Schema:
    if name == "id":
        return {"type": "integer", "example": 7}
    if name.endswith("_id"):
        return {"type": "integer", "nullable": True, "example": 7}
    return {"type": "string"}


def _refusal(description: str, example: Schema, schema: str = "Detail", **headers: Schema) -> Schema:
    content = {"schema": {"$ref": f"#/components/schemas/{schema}"}, "example": example}
    refusal: Schema = {"description": description, "content": {"application/json": content}}
    if headers:
        refusal["headers"] = {name.replace("_", "-"): header for name, header in headers.items()}
    return refusal


def _detail(sentence: str) -> Schema:
    return {"detail": sentence}


# What every operation can answer that cannot do what it was asked, by status
REFUSALS = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    406: "NotAcceptable",
    415: "UnsupportedMediaType",
    429: "TooManyFailures",
}
COMPONENTS: dict[str, dict[str, Schema]] = {
    "schemas": {
        "Detail": {
            "type": "object",
            "description": "Why the request is refused.",
            "properties": {"detail": {"type": "string", "example": "Not found."}},
            "required": ["detail"],
        },
        "Invalid": {
            "description": "What is wrong: by field, with `__all__` for what concerns several, or as a whole.",
            "anyOf": [
                {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
                {"$ref": "#/components/schemas/Detail"},
            ],
            "example": {"name": ["This field is required."]},
        },
    },
    "responses": {
        "BadRequest": _refusal("The request makes no sense.", {"name": ["This field is required."]}, "Invalid"),
        "Unauthorized": _refusal(
            "Nobody is logged in, or the token is not valid.",
            _detail("Authentication credentials were not provided. To establish a login session, visit /api/login/."),
            WWW_Authenticate={
                "description": "RFC 6750 §3",
                "schema": {"type": "string"},
                "example": 'Bearer realm="api", authorization_url="/api/o/authorize/", error="invalid_token"',
            },
        ),
        "Forbidden": _refusal(
            "The caller may not do that, or their token lacks the scope `write`.",
            _detail("You do not have permission to perform this action."),
        ),
        "NotFound": _refusal("There is no such row or page, or the caller may not read it.", _detail("Not found.")),
        "NotAcceptable": _refusal(
            "`Accept` names nothing that there is: ask for `application/json`.",
            _detail("Could not satisfy the request Accept header."),
        ),
        "UnsupportedMediaType": _refusal(
            "The body is not JSON.",
            _detail(
                "You did not use correct Content-Type in your HTTP request. If you are using our REST API, "
                "the Content-Type must be application/json"
            ),
        ),
        "TooManyFailures": _refusal(
            "Too many wrong passwords have come from there.",
            _detail("Too many failed attempts. Try again in 60 seconds."),
            Retry_After={"description": "Seconds to wait.", "schema": {"type": "integer"}, "example": 60},
        ),
    },
}
