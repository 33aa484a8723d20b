"""``GET /api/o/``: where the endpoints are, and in a browser how to use them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BrowsableAPIRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tokens.issuer import issuer


class IndexRenderer(BrowsableAPIRenderer):
    """DRF's browsable page with the documentation of each flow."""

    template = "rest_framework/oauth_index.html"

    def get_context(
        self, data: Any, accepted_media_type: str | None, renderer_context: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The curl lines carry this server's own address."""
        context = super().get_context(data, accepted_media_type, renderer_context)
        return {
            **context,
            "base_url": issuer(renderer_context["request"]),
            "password_grant_enabled": settings.PASSWORD_GRANT_ENABLED,
        }


class IndexView(APIView):
    """Token Handling using OAuth2."""

    name = "API OAuth 2 Authorization Root"  # AWX's name for it
    # Public: a stale token must not hide it, and a session only says who is signed in
    authentication_classes = (SessionAuthentication,)
    permission_classes = (AllowAny,)
    schema = None  # tokens/openapi.yaml describes it with the protocol
    renderer_classes = (JSONRenderer, IndexRenderer)

    def get_view_name(self) -> str:
        """The page's title."""
        return self.name

    def get(self, request: Request) -> Response:
        """AWX's three first and in its order; host-less, as in all of its API."""
        return Response(
            {
                "authorize": reverse("oauth2_provider:authorize"),
                "token": reverse("oauth2_provider:token"),
                "revoke_token": reverse("oauth2_provider:revoke-token"),
                "introspect": reverse("oauth2_provider:introspect"),
                "device_authorization": reverse("oauth2_provider:device-authorization"),
                "device": reverse("oauth2_provider:device"),
                "metadata": reverse("oauth-server-metadata"),
            }
        )
