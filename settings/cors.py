"""Which endpoints a page in a browser may call from another origin; tokens.cors says which origins."""

from __future__ import annotations

__all__ = [
    "CORS_ALLOW_HEADERS",
    "CORS_ALLOW_METHODS",
    "CORS_EXPOSE_HEADERS",
    "CORS_URLS_REGEX",
]

# RFC 7009 §2.3; the authorization endpoint is for navigation only, introspection for servers
CORS_URLS_REGEX = r"/(?:api/o/(?:token|revoke_token)/|\.well-known/oauth-authorization-server)\Z"
CORS_ALLOW_METHODS = ("GET", "POST")
CORS_ALLOW_HEADERS = ("accept", "authorization", "content-type")
CORS_EXPOSE_HEADERS = ("WWW-Authenticate", "Retry-After", "X-Request-ID")
