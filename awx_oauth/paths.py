"""Which language a path speaks, for the parts that serve all of them (errors, headers)."""

from __future__ import annotations

OAUTH = "/api/o/"
API = "/api/"
ADMIN = "/admin/"
# Endpoints for programs alone: no cookie, no session, no language
PROTOCOL = frozenset(
    {"/.well-known/oauth-authorization-server"}
    | {f"{OAUTH}{endpoint}/" for endpoint in ("token", "revoke_token", "introspect", "device-authorization")}
)
HEALTH = frozenset({"/livez", "/readyz"})

# Under /api/, but shown to a person in a browser
_PAGES = ("/api/o/authorize/", "/api/o/device/", "/api/login/", "/api/logout/", "/api/docs/")


def is_page(path: str) -> bool:
    """Whether a person in a browser is meant to see what ``path`` answers."""
    return not path.startswith(API) or path.startswith(_PAGES)
