"""How Django REST framework behaves: as AWX's API does."""

from __future__ import annotations

from typing import Any

from settings import env

__all__ = ["AUTH_BASIC_ENABLED", "REST_FRAMEWORK"]

# AWX's AUTH_BASIC_ENABLED: user name and password in a header at the REST API. `awx login` needs it
AUTH_BASIC_ENABLED = env.boolean("AUTH_BASIC_ENABLED", default=True)

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_RENDERER_CLASSES": [
        "rest_framework.renderers.JSONRenderer",
        "rest_framework.renderers.BrowsableAPIRenderer",
    ],
    "DEFAULT_PARSER_CLASSES": ["awx_oauth.rest.parsers.JSONParser"],
    # AWX's order. The first one's challenge is that of every 401
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "tokens.authentication.BearerAuthentication",
        "rest_framework.authentication.SessionAuthentication",
        "awx_oauth.rest.authentication.BasicAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["tokens.permissions.TokenHasScope"],
    "DEFAULT_PAGINATION_CLASS": "awx_oauth.rest.pagination.Pagination",
    "DEFAULT_FILTER_BACKENDS": [
        "awx_oauth.rest.filters.TypeBackend",
        "awx_oauth.rest.filters.FieldLookupBackend",
        "rest_framework.filters.SearchFilter",
        "awx_oauth.rest.filters.OrderByBackend",
    ],
    "DEFAULT_METADATA_CLASS": "awx_oauth.rest.metadata.Metadata",
    "DEFAULT_SCHEMA_CLASS": "awx_oauth.rest.openapi.Schema",
    "EXCEPTION_HANDLER": "awx_oauth.rest.errors.handle",
    "NON_FIELD_ERRORS_KEY": "__all__",  # AWX compatibility
}
