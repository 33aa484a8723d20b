"""Requests that arrive at the same moment, at a server with several workers: one wins, and nothing is left that lives.

Each test asks the service what is live, and the database what is there.
"""

from __future__ import annotations

import base64
import json
import time
from collections import Counter
from functools import partial

import pytest

from tests.cast import CODE, DEVICE, PASSWORD, PASSWORD_GRANT
from tests.oauth import CHALLENGE, VERIFIER
from tests.servers import ADMIN, ADMIN_PASSWORD, serving
from tests.wire import Wire, at_once, tokens_in

PARALLEL = 50
DEVICE_GRANT = DEVICE["authorization_grant_type"]
PUBLIC_CODE = {**CODE, "client_type": "public"}


# One thing that may be spent once


@pytest.mark.rfc("6749", "4.1.2")
@pytest.mark.parametrize("kind", [CODE, PUBLIC_CODE], ids=["confidential", "public"])
def test_of_many_redemptions_of_one_code_one_succeeds_and_the_replays_end_what_it_got(
    server, cast, visitor, live_rows, is_live, kind
):
    client = cast.client(**kind)
    for _ in range(3):
        code = visitor.code(client.client_id, code_challenge=CHALLENGE, code_challenge_method="S256")
        form = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER}
        answers = at_once(server, [partial(Wire.token, client=client, **form)] * PARALLEL)
        outcomes = Counter(answer.outcome for answer in answers)
        assert outcomes == {(200, None): 1, (400, "invalid_grant"): PARALLEL - 1}
        assert live_rows(client) == (0, 0)
        assert is_live(tokens_in(answers)) == [False, False]
    assert server.rows(f"SELECT count(*), count(used) FROM tokens_grant WHERE application_id = {client.pk}") == [(3, 3)]


@pytest.mark.rfc("6749", "6")
@pytest.mark.rfc("9700", "4.14.2")
def test_of_many_uses_of_one_refresh_token_one_succeeds_and_the_replays_end_the_family(
    server, cast, wire, live_rows, is_live
):
    user = cast.user()
    client = cast.client(**PASSWORD_GRANT)
    for _ in range(3):
        first = wire.token(client, grant_type="password", username=user.username, password=PASSWORD).json()
        answers = at_once(
            server, [partial(Wire.refresh, client=client, refresh_token=first["refresh_token"])] * PARALLEL
        )
        outcomes = Counter(answer.outcome for answer in answers)
        assert outcomes == {(200, None): 1, (400, "invalid_grant"): PARALLEL - 1}
        assert live_rows(client) == (0, 0)
        assert is_live([*first.values()][:1] + tokens_in(answers)) == [False] * 3
    families = server.rows(
        f"SELECT count(*) FROM tokens_refreshtoken WHERE application_id = {client.pk} GROUP BY token_family"
    )
    assert families == [(2,)] * 3


@pytest.mark.rfc("8628", "3.5")
def test_of_many_polls_for_one_allowed_device_one_gets_tokens_and_the_others_end_them(
    server, cast, visitor, wire, live_rows, is_live
):
    client = cast.client(**DEVICE | {"client_type": "confidential"})
    started = wire.post("/api/o/device-authorization/", client).json()
    visitor.connect_device(started["user_code"])
    form = {"grant_type": DEVICE_GRANT, "device_code": started["device_code"]}
    answers = at_once(server, [lambda wire: wire.token(client, **form)] * PARALLEL)
    outcomes = Counter(answer.outcome for answer in answers)
    assert outcomes == {(200, None): 1, (400, "invalid_grant"): PARALLEL - 1}
    assert live_rows(client) == (0, 0)
    assert is_live(tokens_in(answers)) == [False, False]


# Revocation against refresh


@pytest.mark.rfc("7009", "2.1")
@pytest.mark.parametrize("which", ["refresh_token", "access_token"])
def test_a_revocation_wins_over_a_refresh_at_the_same_moment(server, cast, wire, live_rows, is_live, which):
    user = cast.user()
    client = cast.client(**PASSWORD_GRANT)
    given = []
    for turn in range(30):
        first = wire.token(client, grant_type="password", username=user.username, password=PASSWORD).json()

        def refresh(wire, token=first["refresh_token"]):
            return wire.refresh(client, token)

        def revoke(wire, token=first[which], turn=turn):
            time.sleep(turn % 8 / 1000)  # from before the refresh to after it
            return wire.revoke(client, token)

        refreshed, revoked = at_once(server, [refresh, revoke])
        assert revoked.outcome == (200, None)
        assert refreshed.outcome in {(200, None), (400, "invalid_grant")}
        given += tokens_in([refreshed])
        assert live_rows(client) == (0, 0), f"round {turn}"
    assert not any(is_live(given))


@pytest.mark.rfc("7009", "2.1")
def test_a_revocation_by_a_rotated_token_ends_a_client_that_refreshes_without_pause(
    server, cast, wire, live_rows, is_live
):
    user = cast.user()
    client = cast.client(**PASSWORD_GRANT)
    for _ in range(5):
        first = wire.token(client, grant_type="password", username=user.username, password=PASSWORD).json()

        def refresh_on_and_on(wire, first=first):
            answers, token = [], first["refresh_token"]
            while token:
                answers.append(wire.refresh(client, token))
                token = answers[-1].json().get("refresh_token")
            return answers

        def revoke(wire, first=first):
            time.sleep(0.1)
            return [wire.revoke(client, first["refresh_token"])]

        refreshed, _revoked = at_once(server, [refresh_on_and_on, revoke])
        assert refreshed[-1].outcome == (400, "invalid_grant")
        assert live_rows(client) == (0, 0)
        assert not any(is_live(tokens_in(refreshed)))


# Changes over REST


@pytest.mark.parametrize("kind", ["applications", "tokens", "users", "organizations"])
def test_a_change_and_a_deletion_at_the_same_moment_are_both_answered(server, cast, kind):
    for turn in range(5):
        url = _made(cast, kind, turn)
        changes = [_rest("PATCH", url, {"description": str(n), "first_name": str(n)}) for n in range(6)]
        answers = at_once(server, [*changes, _rest("DELETE", url), _rest("DELETE", url)])
        assert {answer.status for answer in answers} <= {200, 204, 404}, [answer.body for answer in answers]
        assert at_once(server, [_rest("GET", url)])[0].status == 404


def test_changes_of_different_fields_at_the_same_moment_all_last(server, cast):
    for turn in range(5):
        url = _made(cast, "applications", turn)
        wanted = {"description": "new", "redirect_uris": "https://new.example/", "skip_authorization": True}
        answers = at_once(server, [_rest("PATCH", url, {name: value}) for name, value in wanted.items()])
        assert {answer.status for answer in answers} == {200}
        assert at_once(server, [_rest("GET", url)])[0].json().items() >= wanted.items()


@pytest.mark.parametrize(
    ("path", "fields", "refusal"),
    [
        ("users/", {"username": "twin", "password": PASSWORD}, "username"),
        ("organizations/", {"name": "twin"}, "name"),
        ("applications/", {"name": "twin", "organization": 1, **PASSWORD_GRANT}, "__all__"),
    ],
)
def test_of_many_that_want_one_name_one_gets_it_and_the_others_hear_why(server, path, fields, refusal):
    answers = at_once(server, [_rest("POST", f"/api/v2/{path}", fields)] * 10)
    assert Counter(answer.status for answer in answers) == {201: 1, 400: 9}
    refused = [answer.json() for answer in answers if answer.status == 400]
    assert all(list(words) == [refusal] and "already exists" in words[refusal][0] for words in refused), refused


# Pages


def test_readers_of_the_reference_who_are_the_first_at_the_same_moment_all_get_it():
    with serving() as server:
        answers = at_once(server, [lambda wire: wire.send("GET", "/api/docs/")] * 12)
    assert {answer.status for answer in answers} == {200}


def _made(cast, kind, turn):
    if kind == "applications":
        return f"/api/v2/applications/{cast.client(**PASSWORD_GRANT).pk}/"
    if kind == "users":
        return f"/api/v2/users/{cast.user().pk}/"
    fields = {"tokens": {"scope": "read"}, "organizations": {"name": f"short-lived {turn}"}}[kind]
    return cast.rest("POST", f"{kind}/", **fields)["url"]


def _rest(method, url, fields=None):
    """One request of the first admin's."""
    login = base64.b64encode(f"{ADMIN}:{ADMIN_PASSWORD}".encode()).decode()
    headers = {"Authorization": f"Basic {login}", "Content_Type": "application/json"}
    return lambda wire: wire.send(method, url, json.dumps(fields) if fields else None, **headers)
