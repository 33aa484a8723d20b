"""The API's roots: where everything begins, open to anyone, because clients look around before they log in."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import ensure_csrf_cookie
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from awx_oauth.rest import schemas
from awx_oauth.rest.views import PublicView, View

# AWX compatibility: awxkit asks each of these for OPTIONS before any `awx users` command, and gives up on an error
ABSENT_RESOURCES = (
    "projects",
    "inventories",
    "teams",
    "credentials",
    "job_templates",
    "workflow_job_templates",
    "instance_groups",
)

# AWX's order; each becomes a command of its CLI
_RESOURCES = {
    "me": "me",
    "organizations": "organization-list",
    "users": "user-list",
    "applications": "application-list",
    "tokens": "token-list",
    "activity_stream": "activity-list",
}

_TEXT: schemas.Schema = {"type": "string"}
_ROOT = schemas.structure(
    {
        "description": {**_TEXT, "example": "AWX REST API"},
        "current_version": {**schemas.PATH, "example": "/api/v2/"},
        "available_versions": schemas.structure({"v2": {**schemas.PATH, "example": "/api/v2/"}}, ("v2",)),
        "oauth2": {**schemas.PATH, "example": "/api/o/"},
        "custom_logo": _TEXT,
        "custom_login_info": _TEXT,
        "login_redirect_override": _TEXT,
    },
    ("current_version", "available_versions", "oauth2"),
)
_VERSION_ROOT = schemas.structure({name: {**schemas.PATH, "example": f"/api/v2/{name}/"} for name in _RESOURCES})


@method_decorator(ensure_csrf_cookie, name="dispatch")  # AWX compatibility: awxkit sends it back when it logs in
class RootView(PublicView):
    """The versions of the API, and where OAuth2 is."""

    def get_view_name(self) -> str:
        """AWX's title."""
        return "REST API"

    @schemas.says(answers={200: _ROOT})
    def get(self, request: Request) -> Response:
        """AWX's keys."""
        version = reverse("api-v2")
        return Response(
            {
                "description": "AWX REST API",
                "current_version": version,
                "available_versions": {"v2": version},
                "oauth2": reverse("oauth2_provider:index"),
                "custom_logo": "",
                "custom_login_info": "",
                "login_redirect_override": "",
            }
        )


class VersionRootView(PublicView):
    """The resources."""

    def get_view_name(self) -> str:
        """AWX's title."""
        return "Version 2"

    @schemas.says(answers={200: _VERSION_ROOT})
    def get(self, request: Request) -> Response:
        """Each resource's list."""
        return Response({name: reverse(url_name) for name, url_name in _RESOURCES.items()})


class AbsentResourceView(View):
    """A resource of AWX that this service lacks. It answers OPTIONS, with nothing to do."""

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """An empty object."""
        return Response({})

    def http_method_not_allowed(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """There is nothing here. Raises :class:`NotFound`."""
        raise NotFound
