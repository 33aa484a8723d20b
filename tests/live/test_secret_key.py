"""A new SECRET_KEY: no token is lost, and with the old one among the fallbacks no session and no open form is."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
import requests

from tests.cast import ASKING, PASSWORD, PASSWORD_GRANT, Cast
from tests.oauth import answer_in, hidden_fields
from tests.servers import environment_for, manage, new_database, running
from tests.wire import Client, Person, Wire

OLD, NEW = "old-" + 60 * "o", "new-" + 60 * "n"


@dataclass
class Before:
    """What there was under the old key."""

    database_url: str
    person: Person
    client: Client
    consent_page: requests.Response
    password_client: Client
    tokens: dict


@pytest.fixture
def before(tmp_path):
    with new_database(tmp_path) as database_url:
        manage(environment_for(database_url, SECRET_KEY=OLD), "bootstrap")
        with running(database_url, SECRET_KEY=OLD) as server:
            cast = Cast(server)
            person, client, password_client = cast.user(), cast.client(**ASKING), cast.client(**PASSWORD_GRANT)
            person.log_in()
            query = urlencode({"response_type": "code", "client_id": client.client_id})
            consent_page = person.browser.get(f"{server.base_url}/api/o/authorize/?{query}")
            with Wire(server) as wire:
                form = {"grant_type": "password", "username": person.username, "password": PASSWORD}
                tokens = wire.token(password_client, **form).json()
        yield Before(database_url, person, client, consent_page, password_client, tokens)


def status_of_my_access(server, person):
    return person.browser.get(f"{server.base_url}/my-access/", allow_redirects=False).status_code


def assert_tokens_live(server, before):
    with Wire(server) as wire:
        assert wire.me(before.tokens["access_token"]).status == 200
        assert wire.refresh(before.password_client, before.tokens["refresh_token"]).status == 200


def test_with_the_old_key_as_a_fallback_tokens_sessions_and_open_forms_live_on(before):
    with running(before.database_url, SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=OLD) as server:
        form = {**hidden_fields(before.consent_page), "allow": "Authorize"}
        allowed = before.person.browser.post(f"{server.base_url}/api/o/authorize/", form, allow_redirects=False)
        assert allowed.status_code == 302, allowed.text
        with Wire(server) as wire:
            code = answer_in(allowed.headers["Location"])["code"]
            assert wire.token(before.client, grant_type="authorization_code", code=code).status == 200
        assert status_of_my_access(server, before.person) == 200
        assert_tokens_live(server, before)
    # By then the session has been signed anew: the fallback has done its work
    with running(before.database_url, SECRET_KEY=NEW) as server:
        assert status_of_my_access(server, before.person) == 200


def test_without_a_fallback_people_sign_in_again_and_tokens_live_on(before):
    with running(before.database_url, SECRET_KEY=NEW) as server:
        assert status_of_my_access(server, before.person) == 302
        assert_tokens_live(server, before)
