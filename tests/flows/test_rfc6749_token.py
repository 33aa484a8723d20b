"""RFC 6749 §3.2, §5: the token endpoint, whatever the grant."""

from __future__ import annotations

import pytest

from applications.models import Application
from tests.conftest import PASSWORD
from tests.flows.answers import issued, refused
from tests.flows.conftest import DEVICE
from tests.flows.counting import HASHERS, counted

pytestmark = pytest.mark.django_db

REQUESTS = {
    "authorization_code": "grant_type=authorization_code&code=x",
    "password": "grant_type=password&username=alice&password=x",
    "client_credentials": "grant_type=client_credentials",
    "refresh_token": "grant_type=refresh_token&refresh_token=x",
    DEVICE: f"grant_type={DEVICE}&device_code=x",
}
ALLOWED = {
    "authorization-code": {"authorization_code", "refresh_token"},
    "password": {"password", "refresh_token"},
    "client-credentials": {"client_credentials"},
    DEVICE: {DEVICE, "refresh_token"},
}


@pytest.mark.rfc("6749", "5.1")
def test_a_token_response_has_the_registered_members(signed_in, password_client, machine):
    tokens = issued(signed_in.token(grant_type="authorization_code", code=signed_in.code()))
    assert tokens.keys() == {"access_token", "token_type", "expires_in", "refresh_token", "scope"}
    assert (tokens["expires_in"], tokens["scope"]) == (36000, "read write")
    form = {"grant_type": "password", "username": "alice", "password": PASSWORD}
    assert issued(password_client.token(form)).keys() == tokens.keys()
    assert issued(machine.token(grant_type="client_credentials")).keys() == tokens.keys() - {"refresh_token"}


@pytest.mark.rfc("6749", "5.2")
@pytest.mark.parametrize("body", ["", "grant_type=", "grant_type", "scope=read", "code=x&redirect_uri=y"])
def test_a_missing_grant_type_is_invalid_request(machine, body):
    refused(machine.token(body), "invalid_request")
    refused(machine.token(body, auth=None), "invalid_request")


@pytest.mark.rfc("6749", "5.2")
@pytest.mark.parametrize(
    "grant_type",
    [
        *(
            "unknown",
            "implicit",
            "token",
            "AUTHORIZATION_CODE",
            "authorization-code",
            "client_credentials ",
            "ü",
            "openid",
        ),
        *("urn:ietf:params:oauth:grant-type:jwt-bearer", "urn:ietf:params:oauth:grant-type:token-exchange", "x" * 5000),
    ],
)
def test_an_unknown_grant_type_is_unsupported(machine, grant_type):
    refused(machine.token(grant_type=grant_type), "unsupported_grant_type")


@pytest.mark.rfc("6749", "5.2")
@pytest.mark.parametrize("grant", ALLOWED)
@pytest.mark.parametrize("grant_type", REQUESTS)
def test_a_client_uses_its_own_grant_type_only(driver_for, alice, grant, grant_type):
    client = driver_for(authorization_grant_type=grant)
    response = client.token(REQUESTS[grant_type])
    if grant_type == "client_credentials" and grant_type in ALLOWED[grant]:
        issued(response)
    else:
        refused(response, "invalid_grant" if grant_type in ALLOWED[grant] else "unauthorized_client")


@pytest.mark.rfc("6749", "5.2")
@pytest.mark.parametrize(
    ("body", "auth", "error", "status"),
    [
        ("grant_type=unknown", None, "invalid_client", 401),
        ("grant_type=password", None, "invalid_client", 401),
        ("grant_type=unknown", "basic", "unsupported_grant_type", 400),
        ("grant_type=password", "basic", "unauthorized_client", 400),
        ("grant_type=authorization_code&scope=unknown", "basic", "unauthorized_client", 400),
        ("grant_type=client_credentials&scope=unknown", "basic", "invalid_scope", 400),
    ],
)
def test_errors_come_in_order_form_client_grant_type_right_to_it_parameters(machine, body, auth, error, status):
    refused(machine.token(body, auth=auth), error, status=status)


@pytest.mark.rfc("6749", "5.2")
@pytest.mark.parametrize(
    ("grant", "body"),
    [
        ("authorization-code", "grant_type=authorization_code"),
        ("authorization-code", "grant_type=authorization_code&code="),
        ("authorization-code", "grant_type=refresh_token"),
        ("authorization-code", "grant_type=refresh_token&refresh_token="),
        ("password", "grant_type=password&username=alice"),
        ("password", "grant_type=password&username=alice&password="),
        ("password", "grant_type=password&password=x"),
        ("password", "grant_type=password&username=&password=x"),
        (DEVICE, f"grant_type={DEVICE}"),
        (DEVICE, f"grant_type={DEVICE}&device_code="),
    ],
)
def test_a_missing_parameter_is_invalid_request(driver_for, grant, body):
    refused(driver_for(authorization_grant_type=grant).token(body), "invalid_request")


@pytest.mark.rfc("6749", "3.3")
@pytest.mark.parametrize(
    "scope", ["unknown", "read unknown", "READ", "read,write", "read  write", " read", "read ", " ", "read\twrite", "ü"]
)
@pytest.mark.parametrize("grant", ["password", "client-credentials", "refresh"])
def test_a_scope_that_is_unknown_or_malformed_is_invalid_scope(password_client, machine, grant, scope):
    form = {"grant_type": "password", "username": "alice", "password": PASSWORD}
    if grant == "password":
        response = password_client.token({**form, "scope": scope})
    elif grant == "refresh":
        token = issued(password_client.token(form))["refresh_token"]
        response = password_client.token(grant_type="refresh_token", refresh_token=token, scope=scope)
        issued(password_client.token(grant_type="refresh_token", refresh_token=token))
    else:
        response = machine.token(grant_type="client_credentials", scope=scope)
    refused(response, "invalid_scope")


@pytest.mark.rfc("6749", "3.3")
def test_each_scope_counts_once(password_client, machine):
    form = {"grant_type": "password", "username": "alice", "password": PASSWORD}
    tokens = issued(password_client.token({**form, "scope": "read read write"}))
    assert tokens["scope"] == "read write"
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], "scope": "read read"}
    assert issued(password_client.token(form))["scope"] == "read"
    assert issued(machine.token(grant_type="client_credentials", scope="read read"))["scope"] == "read"


@pytest.mark.rfc("6749", "3.2")
def test_a_scope_without_a_value_counts_as_omitted(machine):
    assert issued(machine.token("grant_type=client_credentials&scope="))["scope"] == "read write"


@pytest.mark.rfc("6749", "5.2")
@pytest.mark.parametrize("value", ["x" * 60_000, "ü€", "' OR 1=1 --", "%", "\t"])
@pytest.mark.parametrize("grant", ["authorization-code", "password", DEVICE])
def test_strange_values_are_invalid_grant(driver_for, grant, value):
    names = {"authorization-code": "code", "password": "username", DEVICE: "device_code"}
    grant_types = {"authorization-code": "authorization_code", DEVICE: DEVICE, "password": "password"}
    form = {"grant_type": grant_types[grant], "password": "x", names[grant]: value}
    refused(driver_for(authorization_grant_type=grant).token(form), "invalid_grant")


@pytest.mark.rfc("6749", "4.3.2")
@pytest.mark.rfc("9700", "2.4")
def test_the_password_grant_can_be_turned_off(settings, password_client):
    settings.PASSWORD_GRANT_ENABLED = False
    form = {"grant_type": "password", "username": "alice", "password": PASSWORD}
    refused(password_client.token(form), "unsupported_grant_type")


@pytest.mark.rfc("6749", "4.3.2")
def test_the_right_password_gets_a_token(password_client):
    form = {"grant_type": "password", "username": "alice", "password": PASSWORD, "scope": "read"}
    tokens = issued(password_client.token(form))
    assert tokens["scope"] == "read"
    assert password_client.introspect(tokens["access_token"]).json()["username"] == "alice"


@pytest.mark.rfc("6749", "4.3.2")
def test_unknown_user_wrong_password_and_inactive_user_get_one_answer_for_one_work(settings, driver_for, alice, bob):
    settings.PASSWORD_HASHERS = HASHERS
    client = driver_for(authorization_grant_type="password")
    for user in (alice, bob):
        user.set_password(PASSWORD)
    bob.is_active = False
    alice.save()
    bob.save()
    answers = []
    for username, password in (("alice", "wrong"), ("unknown", PASSWORD), ("bob", PASSWORD), ("ALICE", PASSWORD)):
        counted.clear()
        response = client.token(grant_type="password", username=username, password=password)
        refused(response, "invalid_grant")
        answers.append((response.content, counted.count("argon2")))
    assert [work for _content, work in answers] == [1, 1, 1, 1]
    assert len({content for content, _work in answers}) == 1


@pytest.mark.rfc("6749", "4.3.2")
@pytest.mark.parametrize("auth", ["none", "post"])
def test_no_password_is_checked_before_client_and_grant(settings, driver_for, alice, auth):
    settings.PASSWORD_HASHERS = HASHERS
    form = {"grant_type": "password", "username": "alice", "password": PASSWORD}
    wrong = driver_for(authorization_grant_type="password")
    wrong.secret = "wrong"
    other = driver_for(authorization_grant_type="client-credentials")
    counted.clear()
    refused(wrong.token(form, auth=auth), "invalid_client", status=401)
    refused(other.token(form), "unauthorized_client")
    assert "argon2" not in counted


@pytest.mark.rfc("6749", "4.4.2")
def test_client_credentials_are_for_clients_that_have_some(driver_for):
    client = driver_for(authorization_grant_type="client-credentials")
    Application.objects.filter(pk=client.application.pk).update(client_type="public", client_secret="")
    refused(client.token("grant_type=client_credentials", auth="none"), "unauthorized_client")


@pytest.mark.rfc("6749", "4.4.3")
def test_a_clients_own_token_stands_for_nobody(machine):
    tokens = issued(machine.token(grant_type="client_credentials"))
    answer = machine.introspect(tokens["access_token"]).json()
    assert answer["active"] is True
    assert answer.keys().isdisjoint({"username", "sub"})


@pytest.mark.rfc("6749", "10.10")
def test_tokens_are_unguessable_and_never_equal(machine):
    values = [issued(machine.token(grant_type="client_credentials"))["access_token"] for _ in range(5)]
    assert len(set(values)) == 5
    assert all(len(value) == 40 for value in values)
