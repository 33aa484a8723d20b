"""requests-oauthlib as a client would use it, over real HTTP."""

from __future__ import annotations

import pytest
from oauthlib.oauth2 import BackendApplicationClient, InvalidGrantError, LegacyApplicationClient
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

from tests.cast import ASKING, CLIENT_CREDENTIALS, PASSWORD, PASSWORD_GRANT, REDIRECT_URI


@pytest.mark.parametrize("client_type", ["public", "confidential"])
def test_code_with_pkce_then_refresh_then_revocation(cast, visitor, endpoint, me_url, client_type):
    client = cast.client(**ASKING | {"client_type": client_type})
    proof = {"client_secret": client.secret} if client.secret else {"include_client_id": True}
    session = OAuth2Session(client.client_id, redirect_uri=REDIRECT_URI, scope=["read", "write"], pkce="S256")
    url, _state = session.authorization_url(endpoint("authorize"))
    answer = visitor.answer_of(url)
    first = session.fetch_token(endpoint("token"), authorization_response=answer, **proof)
    assert first["scope"] == ["read", "write"]
    assert session.get(me_url).json()["results"][0]["username"] == visitor.username

    who = {"client_id": client.client_id} | {name: value for name, value in proof.items() if name == "client_secret"}
    second = session.refresh_token(endpoint("token"), **who)
    assert second["refresh_token"] != first["refresh_token"]
    assert session.get(me_url).status_code == 200
    assert OAuth2Session(token=first).get(me_url).status_code == 401

    form = {"token": second["refresh_token"], **who}
    assert session.post(endpoint("revoke_token"), form, withhold_token=True).status_code == 200
    assert session.get(me_url).status_code == 401


def test_code_without_pkce_for_a_confidential_client(cast, visitor, endpoint, me_url):
    client = cast.client(**ASKING)
    session = OAuth2Session(client.client_id, redirect_uri=REDIRECT_URI, scope=["read"])
    url, _state = session.authorization_url(endpoint("authorize"))
    answer = visitor.answer_of(url)
    session.fetch_token(endpoint("token"), authorization_response=answer, client_secret=client.secret)
    assert session.get(me_url).status_code == 200
    with pytest.raises(InvalidGrantError):
        session.fetch_token(endpoint("token"), authorization_response=answer, client_secret=client.secret)
    assert session.get(me_url).status_code == 401


def test_password(cast, visitor, endpoint, me_url):
    client = cast.client(**PASSWORD_GRANT)
    session = OAuth2Session(client=LegacyApplicationClient(client.client_id, scope=["read"]))
    login = {"username": visitor.username, "password": PASSWORD, "client_secret": client.secret}
    session.fetch_token(endpoint("token"), **login)
    assert session.get(me_url).json()["results"][0]["username"] == visitor.username
    with pytest.raises(InvalidGrantError):
        session.fetch_token(endpoint("token"), **login | {"password": "wrong"})


@pytest.mark.parametrize("in_body", [True, False])
def test_client_credentials(cast, endpoint, in_body):
    client = cast.client(**CLIENT_CREDENTIALS)
    session = OAuth2Session(client=BackendApplicationClient(client.client_id, scope=["read"]))
    if in_body:
        how = {"include_client_id": True, "client_secret": client.secret}
    else:
        how = {"auth": HTTPBasicAuth(client.client_id, client.secret)}
    token = session.fetch_token(endpoint("token"), **how)
    assert token["token_type"] == "Bearer"
    assert "refresh_token" not in token
