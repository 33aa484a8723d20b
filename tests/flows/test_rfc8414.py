"""RFC 8414: the metadata, and that each statement in it is true."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.test import Client

from tests.flows.answers import refused, sent_back_error
from tests.oauth import FORM, basic

pytestmark = pytest.mark.django_db

WELL_KNOWN = "/.well-known/oauth-authorization-server"


@pytest.fixture
def metadata(client):
    return client.get(WELL_KNOWN).json()


@pytest.mark.rfc("8414", "3.2")
def test_the_document_is_json_at_the_well_known_path_of_the_issuer(client):
    response = client.get(WELL_KNOWN)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    assert response.json() == {
        "issuer": "http://testserver",
        "authorization_endpoint": "http://testserver/api/o/authorize/",
        "token_endpoint": "http://testserver/api/o/token/",
        "revocation_endpoint": "http://testserver/api/o/revoke_token/",
        "introspection_endpoint": "http://testserver/api/o/introspect/",
        "device_authorization_endpoint": "http://testserver/api/o/device-authorization/",
        "scopes_supported": ["read", "write"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": [
            "authorization_code",
            "password",
            "client_credentials",
            "refresh_token",
            "urn:ietf:params:oauth:grant-type:device_code",
        ],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "service_documentation": "http://testserver/api/o/",
    }


@pytest.mark.rfc("8414", "3.1")
@pytest.mark.parametrize("method", ["post", "put", "delete", "patch", "options"])
def test_the_document_is_only_read(method):
    client = Client(enforce_csrf_checks=True)
    response = getattr(client, method)(WELL_KNOWN)
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")
    assert client.head(WELL_KNOWN).status_code == 200


@pytest.mark.rfc("8414", "2")
@pytest.mark.rfc("8414", "6.2")
def test_the_issuer_is_configured_and_not_what_the_host_header_says(settings, client):
    settings.OAUTH2_ISSUER = "https://auth.example.org"
    metadata = client.get(WELL_KNOWN, headers={"Host": "localhost"}).json()
    assert metadata["issuer"] == "https://auth.example.org"
    addresses = [value for name, value in metadata.items() if name.endswith("_endpoint")]
    assert len(addresses) == 5
    assert all(address.startswith("https://auth.example.org/api/o/") for address in addresses)


@pytest.mark.rfc("8414", "2")
def test_the_issuer_has_neither_query_nor_fragment(metadata):
    parts = urlsplit(metadata["issuer"])
    assert (parts.query, parts.fragment, parts.path) == ("", "", "")


@pytest.mark.rfc("8414", "6.2")
def test_a_host_that_is_not_ours_is_refused(client):
    assert client.get(WELL_KNOWN, headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.rfc("8414", "2")
def test_the_password_grant_is_listed_only_while_it_is_on(settings, client):
    settings.PASSWORD_GRANT_ENABLED = False
    assert "password" not in client.get(WELL_KNOWN).json()["grant_types_supported"]


@pytest.mark.rfc("8414", "2")
def test_every_endpoint_that_is_listed_answers(client, metadata):
    refused(client.post(urlsplit(metadata["token_endpoint"]).path, "a=b", content_type=FORM), "invalid_request")
    for name in ("revocation", "introspection", "device_authorization"):
        path = urlsplit(metadata[f"{name}_endpoint"]).path
        refused(client.post(path, "a=b", content_type=FORM), "invalid_client", status=401)
    assert client.get(urlsplit(metadata["authorization_endpoint"]).path).status_code == 400
    assert client.get(urlsplit(metadata["service_documentation"]).path).status_code == 200


@pytest.mark.rfc("8414", "2")
def test_every_grant_type_that_is_listed_is_known(machine, metadata):
    for grant_type in metadata["grant_types_supported"]:
        body = machine.token(grant_type=grant_type).json()
        assert body.get("error") in {None, "unauthorized_client"}
    assert machine.token(grant_type="implicit").json()["error"] == "unsupported_grant_type"


@pytest.mark.rfc("8414", "2")
def test_every_authentication_method_that_is_listed_is_taken_and_no_other(machine, driver_for, metadata):
    body = "token=x"
    for endpoint in ("revocation", "introspection"):
        path = urlsplit(metadata[f"{endpoint}_endpoint"]).path
        methods = metadata[f"{endpoint}_endpoint_auth_methods_supported"]
        assert ("none" in methods) == (endpoint == "revocation")
        assert machine.post(path, body, auth="basic").status_code == 200
        assert machine.post(path, body, auth="post").status_code == 200
    public = driver_for(authorization_grant_type="password", client_type="public")
    assert public.revoke("x", auth="none").status_code == 200


@pytest.mark.rfc("8414", "2")
def test_every_scope_that_is_listed_is_granted(machine, metadata):
    for scope in metadata["scopes_supported"]:
        header = basic(machine.application.client_id, machine.secret)
        body = f"grant_type=client_credentials&scope={scope}"
        response = machine.http.post("/api/o/token/", body, content_type=FORM, headers={"Authorization": header})
        assert response.json()["scope"] == scope


@pytest.mark.rfc("8414", "2")
def test_no_response_type_or_mode_but_those_listed_is_taken(signed_in, metadata):
    assert metadata["response_types_supported"] == ["code"]
    assert sent_back_error(signed_in.authorize(response_type="token")) == "unsupported_response_type"
    for mode in ("fragment", "form_post", "jwt", "web_message"):
        assert sent_back_error(signed_in.authorize(response_mode=mode, state="s"), state="s") == "invalid_request"
    assert signed_in.authorize(response_mode="query").status_code == 200
