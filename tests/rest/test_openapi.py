"""The OpenAPI document and the reference made of it: valid, whole, and true to the service."""

from __future__ import annotations

import json
import re

import jsonschema
import pytest
import yaml
from django.conf import settings
from django.core.management import call_command
from drf_spectacular.generators import SchemaGenerator

from awx_oauth import openapi, reference
from tokens.validator import enabled_grant_types

PUBLIC = "public, max-age=3600"


@pytest.fixture
def schema(client):
    return client.get("/api/schema/").json()


def as_json_schema(part):
    """OpenAPI 3.0 says ``nullable`` where JSON Schema has a type."""
    if isinstance(part, list):
        return [as_json_schema(each) for each in part]
    if not isinstance(part, dict):
        return part
    found = {name: as_json_schema(value) for name, value in part.items()}
    return {"anyOf": [found, {"type": "null"}]} if found.pop("nullable", False) is True else found


def fits(example, schema, whole):
    jsonschema.Draft4Validator(as_json_schema({**schema, "components": whole["components"]})).validate(example)


def operations(schema):
    return [operation for methods in schema["paths"].values() for operation in methods.values()]


def test_document_is_valid_and_nothing_had_to_be_guessed(tmp_path):
    call_command("spectacular", validate=True, fail_on_warn=True, file=tmp_path / "openapi.yaml")


def test_json_and_yaml_say_the_same_to_anybody(client, schema):
    answer = client.get("/api/schema/?format=yaml", headers={"Authorization": "Bearer wrong"})
    assert answer.headers["Content-Type"] == "application/yaml; charset=utf-8"
    assert yaml.safe_load(answer.content) == schema
    for path in ("/api/schema/", "/api/docs/"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, PUBLIC)
        assert "Cookie" not in answer.headers["Vary"]
    assert client.post("/api/schema/").json() == {"detail": 'Method "POST" not allowed.'}
    assert client.get("/api/schema/?format=xml").json() == {"detail": "Not found."}


def test_document_is_in_english_whoever_reads_it_first(client):
    read = []
    for language in ("de", "en"):
        openapi._document.cache_clear()
        openapi._json.cache_clear()
        read.append(
            client.get("/api/schema/", headers={"Accept": "text/html, */*", "Accept-Language": language}).json()
        )
    assert read[0] == read[1]


def test_each_endpoint_that_the_service_names_is_described(client, schema):
    index = client.get("/api/o/").json()
    assert {*index.values()} - {"/api/o/device/"} < schema["paths"].keys()  # that one is a page
    assert {*client.get("/api/v2/").json().values()} < schema["paths"].keys()
    identifiers = [operation["operationId"] for operation in operations(schema)]
    assert len(identifiers) == len({*identifiers})


def test_token_endpoint_has_a_body_for_each_grant_that_is_enabled(settings):
    def grants():
        schema = SchemaGenerator().get_schema(public=True)
        [body] = schema["paths"]["/api/o/token/"]["post"]["requestBody"]["content"].values()
        assert len(body["schema"]["oneOf"]) == len(body["schema"]["discriminator"]["mapping"])
        return {*body["schema"]["discriminator"]["mapping"]}, {
            *schema["components"]["securitySchemes"]["oauth2"]["flows"]
        }

    assert grants() == ({*enabled_grant_types()}, {"authorizationCode", "password", "clientCredentials"})
    settings.PASSWORD_GRANT_ENABLED = False
    assert grants() == ({*enabled_grant_types()}, {"authorizationCode", "clientCredentials"})


def test_metadata_are_as_described(client, schema):
    described = schema["components"]["schemas"]["ServerMetadata"]
    answer = client.get("/.well-known/oauth-authorization-server").json()
    fits(answer, described, schema)
    assert answer.keys() == described["properties"].keys()


def test_each_example_fits_its_schema(schema):
    reader = reference._Reader(schema)
    for component in schema["components"]["schemas"].values():
        fits(reader._example(component), component, schema)
    answers = [answer for operation in operations(schema) for answer in operation["responses"].values()]
    for answer in [*answers, *schema["components"]["responses"].values()]:
        content = answer.get("content", {}).get("application/json", {})
        examples = [content["example"]] if "example" in content else []
        for example in examples + [each["value"] for each in content.get("examples", {}).values()]:
            fits(example, content["schema"], schema)


def test_reference_shows_every_operation_without_script_or_style(client, schema):
    answer = client.get("/api/docs/")
    page = answer.content.decode()
    assert re.findall(r'id="(\w+)">\s*<summary><h3><span class="method">', page) == [
        operation["operationId"]
        for tag in schema["tags"]
        for operation in operations(schema)
        if operation["tags"] == [tag["name"]]
    ]
    assert not re.search(r"<script|<style|style=|onclick", page)
    assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]
    for anchor in {*re.findall(r'href="#([^"]+)"', page)}:
        assert f'id="{anchor}"' in page


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_reference_speaks_the_readers_language(client, language):
    page = client.get("/api/docs/", headers={"Accept-Language": language, "Accept": "text/html"}).content.decode()
    assert f'<html lang="{language}"' in page
    assert ("On this page" in page) == (language == "en")


def test_commands_of_the_reference_send_what_the_document_describes():
    read = reference.read(openapi.document())
    found = {operation.id: operation for group in read.groups for operation in group.operations}
    assert found["users_destroy"].command == (
        'curl -X DELETE $BASE/api/v2/users/7/ \\\n  -H "Authorization: Bearer $TOKEN"'
    )
    refresh = next(body for body in found["oauth2_token"].bodies if body.name == "RefreshGrant")
    assert refresh.command == (
        'curl $BASE/api/o/token/ \\\n  -u "$CLIENT_ID:$CLIENT_SECRET" \\\n  -d grant_type=refresh_token \\\n'
        "  -d refresh_token=AL0NK9TTpv0qp54dGbC4VUZtsZ9r8z \\\n  -d scope=read"
    )
    [body] = found["organizations_create"].bodies
    assert json.loads(body.command.partition("--data '")[2].rstrip("'")) == {
        "name": "Default",
        "description": "Everybody",
    }
