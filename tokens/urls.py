"""The protocol's routes. The library's own URLconf is not included: it would open registration to everybody."""

from __future__ import annotations

from django.urls import include, path

from tokens.endpoints.authorize import AuthorizationView
from tokens.endpoints.device import DeviceAuthorizationView, DeviceView
from tokens.endpoints.introspection import IntrospectTokenView
from tokens.endpoints.metadata import authorization_server_metadata
from tokens.endpoints.revocation import RevokeTokenView
from tokens.endpoints.token import TokenView
from tokens.index import IndexView

_PROTOCOL = [
    path("", IndexView.as_view(), name="index"),
    path("authorize/", AuthorizationView.as_view(), name="authorize"),
    path("token/", TokenView.as_view(), name="token"),
    path("revoke_token/", RevokeTokenView.as_view(), name="revoke-token"),
    path("device-authorization/", DeviceAuthorizationView.as_view(), name="device-authorization"),
    path("device/", DeviceView.as_view(), name="device"),
    path("introspect/", IntrospectTokenView.as_view(), name="introspect"),
]

urlpatterns = [
    # The library reverses its own route names in this namespace
    path("api/o/", include((_PROTOCOL, "oauth2_provider"))),
    path(".well-known/oauth-authorization-server", authorization_server_metadata, name="oauth-server-metadata"),
    path("", include("tokens.rest_urls")),
    path("", include("tokens.pages.urls")),
]
