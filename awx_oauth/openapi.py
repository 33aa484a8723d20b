"""The OpenAPI document, ``/api/schema/``, and the reference that a person reads, ``/api/docs/``."""

from __future__ import annotations

from functools import cache
from threading import Lock
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.views.decorators.http import require_safe
from rest_framework import renderers
from rest_framework.request import Request
from rest_framework.response import Response

from awx_oauth import reference
from awx_oauth.rest.schemas import Schema
from awx_oauth.rest.views import PublicView

_CACHE = {"Cache-Control": "public, max-age=3600"}
_turn = Lock()


def document() -> Schema:
    """The whole API, in English. It depends on nothing but the code and the settings."""
    with _turn:  # drf-spectacular finds out what is installed as it begins, and fails when two threads do so at once
        return _document()


@cache
def _document() -> Schema:
    # Where it is needed: a worker that nobody asks for the document does without what makes it, 4 MiB
    from drf_spectacular.generators import SchemaGenerator

    with translation.override("en"):
        schema: Schema = SchemaGenerator().get_schema(public=True)
    return schema


@cache
def _json() -> bytes:
    from drf_spectacular.renderers import OpenApiJsonRenderer

    return OpenApiJsonRenderer().render(document())


@cache
def _yaml() -> bytes:
    return _as_yaml(document())


def _as_yaml(data: Any) -> bytes:
    from drf_spectacular.renderers import OpenApiYamlRenderer

    rendered: bytes = OpenApiYamlRenderer().render(data)
    return rendered


class _Json(renderers.JSONRenderer):
    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        """The document, made once; an error as it comes."""
        return _json() if data is document() else super().render(data, *args, **kwargs)


class _Yaml(renderers.BaseRenderer):
    media_type = "application/yaml"
    format = "yaml"

    def render(self, data: Any, *args: Any, **kwargs: Any) -> Any:
        """Likewise."""
        return _yaml() if data is document() else _as_yaml(data)


class SchemaView(PublicView):
    """The document as JSON, or as YAML for who asks so in ``Accept`` or with ``?format=yaml``."""

    schema = None  # it does not describe itself
    authentication_classes = ()
    renderer_classes = (_Json, _Yaml)

    def get(self, request: Request) -> Response:
        """The same for everybody."""
        return Response(document(), headers=_CACHE)


@require_safe
def reference_page(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Every endpoint on one page, without a script."""
    return HttpResponse(_page(translation.get_language() or "en"), headers=_CACHE)


@cache
def _page(language: str) -> str:
    with translation.override(language):
        return render_to_string("reference/page.html", {"reference": _reference()})


@cache
def _reference() -> reference.Reference:
    return reference.read(document())
