"""Adds the protocol to the OpenAPI document of the REST API, as far as it is enabled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from awx_oauth.rest.schemas import Schema
from tokens.validator import enabled_grant_types

_PROTOCOL = Path(__file__).with_name("openapi.yaml")


def add_protocol(result: Schema, **_context: Any) -> Schema:
    """The document with the protocol before the rest. A postprocessing hook of drf-spectacular."""
    protocol: Schema = yaml.safe_load(_PROTOCOL.read_text(encoding="utf-8"))
    if "password" not in enabled_grant_types():
        _leave_out_passwords(protocol)
    result["tags"] = protocol["tags"] + result["tags"]
    result["paths"] = protocol["paths"] | result["paths"]
    for kind, components in protocol["components"].items():
        result["components"].setdefault(kind, {}).update(components)
    return result


def _leave_out_passwords(protocol: Schema) -> None:
    [body] = protocol["paths"]["/api/o/token/"]["post"]["requestBody"]["content"].values()
    name = body["schema"]["discriminator"]["mapping"].pop("password")
    body["schema"]["oneOf"].remove({"$ref": name})
    del protocol["components"]["schemas"]["PasswordGrant"]
    del protocol["components"]["securitySchemes"]["oauth2"]["flows"]["password"]
