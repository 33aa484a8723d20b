"""Authlib as a client would use it, over real HTTP."""

from __future__ import annotations

import pytest
import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata, get_well_known_url

from tests.cast import ASKING, CLIENT_CREDENTIALS, DEVICE, PASSWORD, PASSWORD_GRANT, REDIRECT_URI


@pytest.fixture
def metadata(server):
    """Where the endpoints are, as the service says itself."""
    found = requests.get(get_well_known_url(server.base_url, external=True), timeout=30)
    metadata = AuthorizationServerMetadata(found.json())
    metadata.validate()
    assert metadata["issuer"] == server.base_url
    return metadata


def test_code_with_pkce_then_refresh_introspection_and_revocation(cast, visitor, metadata, me_url):
    client = cast.client(**ASKING)
    session = OAuth2Session(
        client.client_id, client.secret, redirect_uri=REDIRECT_URI, scope="read", code_challenge_method="S256"
    )
    verifier = generate_token(48)
    url, state = session.create_authorization_url(metadata["authorization_endpoint"], code_verifier=verifier)
    answer = visitor.answer_of(url)
    first = session.fetch_token(
        metadata["token_endpoint"], authorization_response=answer, code_verifier=verifier, state=state
    )
    assert session.get(me_url).json()["results"][0]["username"] == visitor.username

    second = session.refresh_token(metadata["token_endpoint"])
    assert second["access_token"] != first["access_token"]

    def introspect(token):
        return session.introspect_token(metadata["introspection_endpoint"], token=token).json()

    assert introspect(first["access_token"]) == {"active": False}
    assert introspect(second["access_token"])["username"] == visitor.username
    assert introspect(second["refresh_token"])["active"] is True
    revoked = session.revoke_token(metadata["revocation_endpoint"], token=second["access_token"])
    assert revoked.status_code == 200
    assert introspect(second["access_token"]) == introspect(second["refresh_token"]) == {"active": False}


def test_code_with_pkce_for_a_public_client(cast, visitor, metadata, me_url):
    client = cast.client(**ASKING | {"client_type": "public"})
    session = OAuth2Session(
        client.client_id, token_endpoint_auth_method="none", redirect_uri=REDIRECT_URI, code_challenge_method="S256"
    )
    verifier = generate_token(48)
    url, _state = session.create_authorization_url(metadata["authorization_endpoint"], code_verifier=verifier)
    answer = visitor.answer_of(url)
    token = session.fetch_token(metadata["token_endpoint"], authorization_response=answer, code_verifier=verifier)
    assert token["scope"] == "read write"
    assert session.get(me_url).status_code == 200
    session.refresh_token(metadata["token_endpoint"])
    assert session.get(me_url).status_code == 200


def test_code_without_pkce_for_a_confidential_client(cast, visitor, metadata, me_url):
    client = cast.client(**ASKING)
    session = OAuth2Session(client.client_id, client.secret, redirect_uri=REDIRECT_URI)
    url, _state = session.create_authorization_url(metadata["authorization_endpoint"])
    session.fetch_token(metadata["token_endpoint"], authorization_response=visitor.answer_of(url))
    assert session.get(me_url).status_code == 200


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_password(cast, visitor, metadata, me_url, method):
    client = cast.client(**PASSWORD_GRANT)
    session = OAuth2Session(client.client_id, client.secret, token_endpoint_auth_method=method, scope="read")
    session.fetch_token(metadata["token_endpoint"], username=visitor.username, password=PASSWORD)
    assert session.get(me_url).status_code == 200
    with pytest.raises(OAuthError, match="invalid_grant"):
        session.fetch_token(metadata["token_endpoint"], username=visitor.username, password="wrong")


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_client_credentials(cast, metadata, method):
    client = cast.client(**CLIENT_CREDENTIALS)
    session = OAuth2Session(client.client_id, client.secret, token_endpoint_auth_method=method, scope="read")
    token = session.fetch_token(metadata["token_endpoint"], grant_type="client_credentials")
    assert token["scope"] == "read"
    answer = session.introspect_token(metadata["introspection_endpoint"], token=token["access_token"])
    assert answer.json()["client_id"] == client.client_id


def test_device_by_plain_requests(cast, visitor, metadata, me_url):
    client = cast.client(**DEVICE)
    started = requests.post(
        metadata["device_authorization_endpoint"], {"client_id": client.client_id, "scope": "read"}, timeout=30
    ).json()
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "device_code": started["device_code"],
        "client_id": client.client_id,
    }
    waiting = requests.post(metadata["token_endpoint"], form, timeout=30)
    assert (waiting.status_code, waiting.json()["error"]) == (400, "authorization_pending")
    visitor.connect_device(started["user_code"])
    token = requests.post(metadata["token_endpoint"], form, timeout=30).json()
    answer = requests.get(me_url, headers={"Authorization": f"Bearer {token['access_token']}"}, timeout=30)
    assert answer.json()["results"][0]["username"] == visitor.username
