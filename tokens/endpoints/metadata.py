"""Authorization server metadata, ``GET /.well-known/oauth-authorization-server`` (RFC 8414)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from tokens import scopes
from tokens.endpoints.client_authentication import METHODS
from tokens.issuer import issuer
from tokens.validator import enabled_grant_types

_MAX_AGE = 3600  # seconds


@csrf_exempt  # which method is wrong comes before which cookie is missing
@require_safe
def authorization_server_metadata(request: HttpRequest) -> HttpResponse:
    """What this server offers, said from what is really enabled (RFC 8414 §2)."""
    base = issuer(request)

    def url(name: str) -> str:
        return base + reverse(f"oauth2_provider:{name}")

    confidential = [method for method in METHODS if method != "none"]
    content = {
        "issuer": base,
        "authorization_endpoint": url("authorize"),
        "token_endpoint": url("token"),
        "revocation_endpoint": url("revoke-token"),
        "introspection_endpoint": url("introspect"),
        "device_authorization_endpoint": url("device-authorization"),
        "scopes_supported": list(scopes.known()),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": enabled_grant_types(),
        "token_endpoint_auth_methods_supported": list(METHODS),
        "revocation_endpoint_auth_methods_supported": list(METHODS),
        "introspection_endpoint_auth_methods_supported": confidential,
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "service_documentation": url("index"),
    }
    return JsonResponse(content, headers={"Cache-Control": f"public, max-age={_MAX_AGE}"})
