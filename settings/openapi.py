"""How the OpenAPI document is made."""

from __future__ import annotations

from typing import Any

__all__ = ["SPECTACULAR_SETTINGS"]

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "awx-oauth",
    "DESCRIPTION": "OAuth 2.0 tokens for people and applications: the protocol, and AWX's REST API to manage it.",
    "VERSION": "v2",  # of the API, as AWX counts
    "LICENSE": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
    "TAGS": [
        {"name": "api", "description": "Where everything begins."},
        {"name": "me", "description": "The caller."},
        {"name": "organizations", "description": "What applications belong to."},
        {"name": "users", "description": "People."},
        {"name": "applications", "description": "OAuth clients: who may ask for tokens."},
        {"name": "tokens", "description": "Access tokens: what was granted."},
        {"name": "activity_stream", "description": "The audit log."},
    ],
    "SCHEMA_PATH_PREFIX": "/api/v2",
    # What one sends and what one gets differ: ids, secrets, passwords
    "COMPONENT_SPLIT_REQUEST": True,
    "SORT_OPERATION_PARAMETERS": False,
    # Choices stay where they are used: names that are made up for them would change with the next field
    "POSTPROCESSING_HOOKS": ["awx_oauth.rest.openapi.share_components", "tokens.openapi.add_protocol"],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    # `make lint` does more
    "ENABLE_DJANGO_DEPLOY_CHECK": False,
}
