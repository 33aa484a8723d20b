"""Nothing in the database or the log of a service can be replayed, whichever way tokens and secrets were made."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import zlib
from contextlib import closing
from urllib.parse import quote, quote_plus

import pytest

from tests.cast import ASKING, CLIENT_CREDENTIALS, CODE, DEVICE, PASSWORD, PASSWORD_GRANT, REDIRECT_URI
from tests.oauth import CHALLENGE, VERIFIER, basic
from tests.servers import ADMIN, ADMIN_PASSWORD, connect
from tests.wire import Person, Wire


class Secrets(dict[str, str]):
    """Every secret that the flows have seen, by a name that a failure can show."""

    def keep(self, step, answer):
        """Keep the tokens of an answer, and give the answer on."""
        assert answer.status == 200, (step, answer)
        given = answer.json()
        self.update({f"{step}: {name}": given[name] for name in ("access_token", "refresh_token") if name in given})
        return given


@pytest.fixture(scope="module")
def secrets(server, cast, module_wire):
    """Run every flow; give every secret in it."""
    wire, found = module_wire, Secrets()
    user = cast.user()
    found |= {"a user's password": PASSWORD, "the admin's password": ADMIN_PASSWORD}
    clients = {
        "code": cast.client(**ASKING),
        "public": cast.client(**CODE | {"client_type": "public"}),
        "password": cast.client(**PASSWORD_GRANT),
        "service": cast.client(**CLIENT_CREDENTIALS),
        "device": cast.client(**DEVICE | {"client_type": "confidential"}),
    }
    found |= {f"{name}: client secret": client.secret for name, client in clients.items() if client.secret}
    for name in ("code", "public"):
        code = user.code(clients[name].client_id, code_challenge=CHALLENGE, code_challenge_method="S256")
        form = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER}
        given = found.keep(name, wire.token(clients[name], **form))
        found[f"{name}: code"] = code
        found.keep(f"{name}, refreshed", wire.refresh(clients[name], given["refresh_token"]))
    found["an unused code"] = user.code(clients["code"].client_id, state="unused")
    found["the code verifier"] = VERIFIER

    login = {"grant_type": "password", "username": user.username, "password": PASSWORD}
    given = found.keep("password", wire.token(clients["password"], **login))
    assert wire.refresh(clients["password"], given["access_token"]).status == 400
    assert wire.revoke(clients["password"], given["refresh_token"]).status == 200
    found.keep("service", wire.token(clients["service"], grant_type="client_credentials"))

    started = wire.post("/api/o/device-authorization/", clients["device"]).json()
    found["device: device code"] = started["device_code"]
    user.connect_device(started["user_code"])
    form = {"grant_type": DEVICE["authorization_grant_type"], "device_code": started["device_code"]}
    found.keep("device", wire.token(clients["device"], **form))

    found["a personal token"] = cast.rest("POST", "tokens/", description="mine", scope="write")["token"]
    made = cast.rest("POST", "tokens/", application=clients["password"].pk, scope="write")
    found |= {"made by REST: access token": made["token"], "made by REST: refresh token": made["refresh_token"]}
    found["made in admin: client secret"] = _secret_made_in_admin(server, user)

    # What a client sends where it does not belong
    basic_header = basic(clients["service"].client_id, clients["service"].secret)
    stray = f"token={found['a personal token']}&client_secret={clients['service'].secret}"
    assert wire.send("POST", f"/api/o/token/?{stray}", "", Authorization=basic_header).status == 400
    assert wire.send("GET", f"/api/v2/me/?access_token={found['a personal token']}").status == 401
    assert wire.send("GET", f"/nowhere/?{stray}").status == 404
    return found


def _secret_made_in_admin(server, user):
    administrator = Person(server, 0, ADMIN, ADMIN_PASSWORD)
    [(organization,)] = server.rows("SELECT id FROM accounts_organization WHERE name = 'Default'")
    page = administrator.fill_in(
        "/admin/applications/application/add/",
        name="made in admin",
        organization=str(organization),
        client_type="confidential",
        authorization_grant_type="authorization-code",
        redirect_uris=REDIRECT_URI,
    )
    [secret, *_again] = re.findall(r"\b[A-Za-z0-9]{128}\b", page.text) or [None]
    assert secret, page.text
    return secret


@pytest.fixture(scope="module")
def module_wire(server):
    with Wire(server) as wire:
        yield wire


def _dump(server):
    """Every row of every table as text; what Django has packed into a session is unpacked."""
    with closing(connect(server.database_url)) as connection, closing(connection.cursor()) as cursor:
        if server.is_postgresql:
            cursor.execute("SELECT format('%I.%I', table_schema, table_name) FROM information_schema.tables"
                           " WHERE table_schema NOT IN ('pg_catalog', 'information_schema')")  # fmt: skip
            lines = []
            for (table,) in cursor.fetchall():
                cursor.execute(f"SELECT row_to_json(each)::text FROM {table} each")
                lines += [f"{table} {row}" for (row,) in cursor.fetchall()]
        else:
            lines = list(connection.iterdump())
        cursor.execute("SELECT session_data FROM django_session")
        return "\n".join([*lines, *(_unpacked(data) for (data,) in cursor.fetchall())])


def _unpacked(session_data):
    packed = session_data.partition(":")[0]
    data = base64.urlsafe_b64decode(packed.lstrip(".") + "=" * (-len(packed.lstrip(".")) % 4))
    return (zlib.decompress(data) if packed.startswith(".") else data).decode()


def _shapes(secret):
    """The secret as it may be written down: as it is, in JSON, in a URL, in hex, and in base64 at any offset."""
    data = secret.encode()
    yield from {secret, json.dumps(secret)[1:-1], quote(secret, safe=""), quote_plus(secret), data.hex()}
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + data).decode()
        # Only the characters that the secret alone decides, whatever stands before and after it
        yield encoded[-(-offset * 4 // 3) : len(encoded) - 4]


def _found(secrets, text):
    return [name for name, secret in secrets.items() if any(shape in text for shape in _shapes(secret))]


def test_no_secret_is_in_a_dump_of_the_database(server, secrets):
    dump = _dump(server)
    # The dump is what it should be: it has the digests of the tokens, and what sessions hold
    assert hashlib.sha256(secrets["a personal token"].encode()).hexdigest() in dump
    assert hashlib.sha256(secrets["an unused code"].encode()).hexdigest() in dump
    assert "_auth_user_id" in dump
    assert _found(secrets, dump) == []


def test_no_secret_is_in_the_log(server, secrets):
    log = server.log()
    assert "POST /api/o/token/ 200" in log
    assert _found(secrets, log) == []


@pytest.mark.parametrize("prefix", ["", "a", "ab", "abc:"])
def test_the_search_finds_what_it_looks_for(prefix):
    secret = "p4ss w/rd+ü"
    text = f"{prefix}{secret}|more".encode()
    for written in (base64.b64encode(text), binascii.hexlify(text), quote_plus(text).encode(), text):
        assert _found({"it": secret}, written.decode()) == ["it"]
