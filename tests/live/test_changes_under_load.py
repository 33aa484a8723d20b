"""What is taken away while tokens are issued, at a server with several workers: nothing lives that should be dead."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import ExitStack
from typing import Any

import pytest

from tests.cast import CLIENT_CREDENTIALS, CODE, DEVICE, PASSWORD, PASSWORD_GRANT, REDIRECT_URI
from tests.oauth import answer_in
from tests.servers import ROOT, connect, new_database
from tests.wire import Load, tokens_in

DEVICE_GRANT = DEVICE["authorization_grant_type"]
BEGIN_AGAIN = (400, None)  # the page for a person whose sign-in ends at the moment of consent


def by_password(client, name, password=PASSWORD):
    """Log in, refresh once."""

    def send(wire):
        answers = [wire.token(client, grant_type="password", username=name, password=password)]
        if answers[0].status == 200:
            answers.append(wire.refresh(client, answers[0].json()["refresh_token"]))
        return answers

    return send


def by_client_credentials(client):
    return lambda wire: [wire.token(client, grant_type="client_credentials")]


def by_code(client, cookies):
    """Get a code from a client that skips consent, redeem it, refresh once."""
    path = f"/api/o/authorize/?response_type=code&client_id={client.client_id}&redirect_uri={REDIRECT_URI}"

    def send(wire):
        answers = [wire.send("GET", path, Cookie=cookies)]
        location = answers[0].headers.get("Location", "")
        if location.startswith(REDIRECT_URI) and "code" in answer_in(location):
            form = {"code": answer_in(location)["code"], "redirect_uri": REDIRECT_URI}
            answers.append(wire.token(client, grant_type="authorization_code", **form))
            if answers[-1].status == 200:
                answers.append(wire.refresh(client, answers[-1].json()["refresh_token"]))
        return answers

    return send


def by_device(client):
    """Start a device and ask once."""

    def send(wire):
        answers = [wire.post("/api/o/device-authorization/", client)]
        if answers[0].status == 200:
            code = answers[0].json()["device_code"]
            answers.append(wire.token(client, grant_type=DEVICE_GRANT, device_code=code))
        return answers

    return send


def test_a_client_that_is_deleted_while_it_gets_tokens_leaves_nothing(server, cast, visitor, is_live):
    visitor.log_in()
    makers: list[tuple[dict[str, Any], Any]] = [
        (CODE, lambda client: by_code(client, visitor.cookies())),
        (PASSWORD_GRANT, lambda client: by_password(client, visitor.username)),
        (CLIENT_CREDENTIALS, by_client_credentials),
        (DEVICE, by_device),
    ]
    clients = [(cast.client(**kind), sender) for kind, sender in makers * 3]
    load = Load(server, *[sender(client) for client, sender in clients])
    with load.running():
        for client, _sender in clients:
            cast.rest("DELETE", f"applications/{client.pk}/")
    assert {(200, None), (302, None), (401, "invalid_client")} <= load.outcomes
    allowed = {(200, None), (302, None), (400, "authorization_pending"), (400, "invalid_grant"), (400, None)}
    assert load.outcomes <= {*allowed, (401, "invalid_client")}
    keys = ", ".join(str(client.pk) for client, _sender in clients)
    for table in ("grant", "accesstoken", "refreshtoken", "devicegrant"):
        assert server.rows(f"SELECT count(*) FROM tokens_{table} WHERE application_id IN ({keys})") == [(0,)]
    assert not any(is_live(tokens_in(load.answers)[-50:]))


@pytest.mark.parametrize("what", ["applications", "users", "organizations"])
def test_what_every_connection_gets_tokens_for_is_deleted_at_the_first_request(server, cast, is_live, what):
    organization = cast.rest("POST", "organizations/", name=f"deleted with {what}")["id"]
    clients = [cast.client(organization=organization, **kind) for kind in (CODE, PASSWORD_GRANT, CLIENT_CREDENTIALS)]
    user = cast.user()
    user.log_in()
    senders = [
        by_code(clients[0], user.cookies()),
        by_password(clients[1], user.username),
        by_client_credentials(clients[2]),
    ]
    deleted = {
        "applications": [client.pk for client in clients],
        "users": [user.pk],
        "organizations": [organization],
    }[what]
    load = Load(server, *senders * 5)
    with load.running():
        for pk in deleted:
            cast.rest("DELETE", f"{what}/{pk}/")
    keys = ", ".join(str(client.pk) for client in clients)
    ended = f"application_id IN ({keys}) AND user_id IS NOT NULL"
    for table in ("grant", "accesstoken", "refreshtoken"):
        assert server.rows(f"SELECT count(*) FROM tokens_{table} WHERE {ended}") == [(0,)]
    if what != "users":  # whose deletion leaves the client that acts for itself its tokens
        assert not any(is_live(tokens_in(load.answers)[-50:]))


def test_no_token_of_a_user_lives_who_is_deactivated_while_getting_them(server, cast, wire, is_live):
    code_client, password_client = cast.client(**CODE), cast.client(**PASSWORD_GRANT)
    users = [cast.user() for _ in range(3)]
    for user in users:
        user.log_in()
    load = Load(
        server,
        *[by_password(password_client, user.username) for user in users * 2],
        *[by_code(code_client, user.cookies()) for user in users * 2],
    )
    with load.running():
        for user in users:
            cast.rest("PATCH", f"users/{user.pk}/", is_active=False)
    required = {(200, None), (302, None), (400, "invalid_grant")}
    assert required <= load.outcomes <= required | {BEGIN_AGAIN}
    given = tokens_in(load.answers)
    assert not any(is_live(given[:20] + given[-100:]))
    assert {wire.me(token).status for token in given[-20:]} == {401}


def test_no_token_lives_that_was_got_before_the_password_was_changed(server, cast, is_live):
    user = cast.user()
    user.log_in()
    password_client, code_client = cast.client(**PASSWORD_GRANT), cast.client(**CODE)
    passwords = [PASSWORD, *(f"{PASSWORD} {number}" for number in range(1, 6))]
    loads = [Load(server, *[by_password(password_client, user.username, password)] * 2) for password in passwords[:-1]]
    loads.append(Load(server, *[by_code(code_client, user.cookies())] * 4))
    with ExitStack() as running:
        for load in loads:
            running.enter_context(load.running())
        for password in passwords[1:]:
            cast.rest("PATCH", f"users/{user.pk}/", password=password)
            time.sleep(0.1)
    for load in loads:
        assert load.outcomes <= {(200, None), (302, None), (400, "invalid_grant"), BEGIN_AGAIN}
        assert not any(is_live(tokens_in(load.answers)[-30:]))
    for client in (password_client, code_client):
        live = server.rows(
            f"SELECT count(*) FROM tokens_refreshtoken WHERE application_id = {client.pk} AND revoked IS NULL"
        )
        assert live == [(0,)]


def test_an_old_secret_stops_and_the_new_one_counts_while_the_client_authenticates(server, cast, wire):
    client = cast.client(**CLIENT_CREDENTIALS)
    load = Load(server, *[by_client_credentials(client)] * 12)
    with load.running():
        new_secret = server.python(
            f"""
from applications.models import Application
from applications.services import rotate_secret
result = rotate_secret(Application.objects.get(pk={client.pk}))
"""
        )
        assert wire.token(client, grant_type="client_credentials").outcome == (401, "invalid_client")
        assert wire.token(client._replace(secret=new_secret), grant_type="client_credentials").status == 200
    assert load.outcomes == {(200, None), (401, "invalid_client")}


def test_bootstraps_of_a_new_database_at_the_same_moment_create_one_admin(server, tmp_path):
    with new_database(tmp_path) as url:
        env = {**server.env, "DATABASE_URL": url, "DJANGO_SUPERUSER_PASSWORD": ""}
        command = [sys.executable, "manage.py", "bootstrap"]
        running = [
            subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            for _ in range(2)
        ]
        outputs = [process.communicate(timeout=120)[0] for process in running]
        assert [process.returncode for process in running] == [0, 0], outputs
        assert sum("shown this once" in output for output in outputs) == 1
        connection = connect(url)
        cursor = connection.cursor()
        cursor.execute("SELECT (SELECT count(*) FROM accounts_user), (SELECT count(*) FROM accounts_organization)")
        assert cursor.fetchall() == [(1, 1)]
        connection.close()
