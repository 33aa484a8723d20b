"""What a change to a person's account does to what they granted."""

from __future__ import annotations

from pkgutil import resolve_name

import pytest

from awx_oauth.accounts.models import User
from awx_oauth.accounts.services import change_user
from awx_oauth.activity.models import Activity, Event
from tests.conftest import PASSWORD
from tests.flows.answers import inactive, issued, refused, shown
from tests.flows.test_rfc8628 import decide, poll, start
from tokens.models import AccessToken, DeviceGrant, Grant, RefreshToken
from tokens.services import issue_personal_token

pytestmark = pytest.mark.django_db

NEW_PASSWORD = "battery staple horse"
HASHING_ANEW = "django.contrib.auth.hashers.MD5PasswordHasher.encode"


@pytest.fixture
def granted(signed_in, device, password_client, alice):
    """One of everything that alice can grant."""
    begun = start(device)
    decide(device, begun, allow="x")
    form = {"grant_type": "password", "username": "alice", "password": PASSWORD}
    found = {
        "tokens": signed_in.tokens_for_code(),
        "code": signed_in.code(),
        "device": begun,
        "password": issued(password_client.token(form)),
        "personal": issue_personal_token(user=alice, scope="write")[1],
    }
    signed_in.http.logout()
    return found


@pytest.fixture
def meanwhile(monkeypatch):
    """Called with a function and something: lets that happen when the function is called the next time."""

    def arrange(name: str, something) -> None:
        function, happens = resolve_name(name), [something]

        def first(*args, **kwargs):
            if happens:
                happens.pop()()
            return function(*args, **kwargs)

        monkeypatch.setattr(name, first)

    return arrange


@pytest.fixture
def new_password(alice):
    """Sets one."""
    return lambda: change_user(User.objects.get(pk=alice.pk), password=NEW_PASSWORD)


@pytest.fixture
def deactivation(alice):
    """Deactivates alice."""
    return lambda: deactivate(User.objects.get(pk=alice.pk))


def deactivate(user: User) -> None:
    user.is_active = False
    user.save()


def everything_stored():
    """Rows that say what is alive."""
    return [list(model.objects.order_by("pk").values()) for model in (AccessToken, RefreshToken)]


@pytest.mark.rfc("6749", "10.4")
def test_nothing_of_an_inactive_user_is_accepted_anywhere(
    signed_in, device, password_client, resource_server, alice, granted
):
    deactivate(alice)
    before = everything_stored()
    tokens, password = granted["tokens"], granted["password"]
    for access_token in (tokens["access_token"], password["access_token"], granted["personal"]):
        assert signed_in.me(access_token).status_code == 401
        assert inactive(resource_server.introspect(access_token))
    assert inactive(resource_server.introspect(tokens["refresh_token"]))
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    refused(signed_in.token(form), "invalid_grant")
    refused(signed_in.token(grant_type="authorization_code", code=granted["code"]), "invalid_grant")
    refused(poll(device, granted["device"]), "invalid_grant")
    form = {"grant_type": "password", "username": "alice", "password": PASSWORD}
    refused(password_client.token(form), "invalid_grant")
    assert everything_stored() == before


@pytest.mark.rfc("6749", "3.1")
def test_an_inactive_user_can_no_longer_consent(signed_in, device, alice):
    page = signed_in.authorize()
    entered = device.post("/api/o/device/", {"user_code": start(device)["user_code"]}, auth=None)
    deactivate(alice)
    shown(signed_in.decide(page, allow="x"), status=400)
    assert signed_in.authorize()["Location"].startswith("/api/login/?")
    form = {"user_code": entered.context["user_code"]}
    assert device.post("/api/o/device/", form, auth=None)["Location"].startswith("/api/login/?")
    assert Grant.objects.count() == 0
    assert DeviceGrant.objects.get().user is None


@pytest.mark.rfc("6749", "10.4")
def test_what_an_inactive_user_granted_lives_again_with_the_user(signed_in, alice, granted):
    deactivate(alice)
    alice.is_active = True
    alice.save()
    assert signed_in.me(granted["tokens"]["access_token"]).status_code == 200
    form = {"grant_type": "refresh_token", "refresh_token": granted["tokens"]["refresh_token"]}
    issued(signed_in.token(form))


@pytest.mark.rfc("9700", "4.14.2")
@pytest.mark.parametrize("how", ["service", "model"])
def test_a_new_password_ends_what_applications_hold_and_no_personal_token(
    signed_in, device, password_client, resource_server, alice, granted, how
):
    alice = User.objects.get(pk=alice.pk)
    if how == "service":
        change_user(alice, password=NEW_PASSWORD)
    else:
        alice.set_password(NEW_PASSWORD)
        alice.save()
    tokens, password = granted["tokens"], granted["password"]
    for token in (*_both(tokens), *_both(password)):
        assert inactive(resource_server.introspect(token))
    refused(signed_in.token(grant_type="authorization_code", code=granted["code"]), "invalid_grant")
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    refused(signed_in.token(form), "invalid_grant")
    refused(poll(device, granted["device"]), "invalid_grant")
    assert signed_in.me(granted["personal"]).status_code == 200


@pytest.mark.rfc("9700", "4.14.2")
def test_a_change_that_is_not_of_the_password_ends_nothing(signed_in, alice, granted):
    change_user(User.objects.get(pk=alice.pk), first_name="Alice")
    assert signed_in.me(granted["tokens"]["access_token"]).status_code == 200


@pytest.mark.rfc("9700", "4.14.2")
def test_the_new_password_of_one_user_ends_nothing_of_another(signed_in, bob, granted):
    change_user(bob, password=NEW_PASSWORD)
    assert signed_in.me(granted["tokens"]["access_token"]).status_code == 200


@pytest.mark.rfc("9700", "4.14.2")
def test_a_hash_that_is_merely_upgraded_at_login_ends_nothing(settings, signed_in, alice, granted):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]
    assert signed_in.http.login(username="alice", password=PASSWORD)
    assert User.objects.get(pk=alice.pk).password.startswith("md5$")
    assert signed_in.me(granted["tokens"]["access_token"]).status_code == 200


@pytest.fixture
def old_hash(settings):
    """Passwords are hashed anew at the next login."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]


@pytest.mark.rfc("9700", "4.14.2")
def test_a_hash_upgrade_does_not_undo_a_password_that_is_changed_meanwhile(
    old_hash, password_client, alice, meanwhile, new_password
):
    form = {"grant_type": "password", "username": "alice"}
    meanwhile(HASHING_ANEW, new_password)
    refused(password_client.token({**form, "password": PASSWORD}), "invalid_grant")
    assert not AccessToken.objects.exists()
    issued(password_client.token({**form, "password": NEW_PASSWORD}))


def test_of_logins_at_once_that_upgrade_a_hash_one_stores_its_own(old_hash, password_client, alice, meanwhile):
    form = {"grant_type": "password", "username": "alice", "password": PASSWORD}
    stored = []

    def log_in_elsewhere():
        issued(password_client.token(form))
        stored.append(User.objects.get(pk=alice.pk).password)

    meanwhile(HASHING_ANEW, log_in_elsewhere)
    issued(password_client.token(form))
    assert stored == [User.objects.get(pk=alice.pk).password]


@pytest.mark.rfc("9700", "4.14.2")
@pytest.mark.parametrize("change", ["new_password", "deactivation"])
def test_a_sign_in_that_has_just_ended_grants_no_code(request, signed_in, meanwhile, change):
    page = signed_in.authorize()
    meanwhile("tokens.digests.generate", request.getfixturevalue(change))
    answer = signed_in.decide(page, allow="Authorize")
    assert answer.status_code == 400
    assert "/api/o/authorize/?" in answer.content.decode()  # to begin again, by signing in
    assert not Grant.objects.exists()
    assert not Activity.objects.filter(event=Event.CODE_GRANTED).exists()


@pytest.mark.rfc("9700", "4.14.2")
@pytest.mark.parametrize("change", ["new_password", "deactivation"])
def test_a_sign_in_that_has_just_ended_connects_no_device(request, device, signed_in, meanwhile, change):
    begun = start(device)
    meanwhile("tokens.devices.get_pending", request.getfixturevalue(change))
    assert decide(device, begun, allow="x").status_code == 400
    refused(poll(device, begun), "authorization_pending")
    assert not Activity.objects.filter(event=Event.CODE_GRANTED).exists()


def _both(tokens):
    return tokens["access_token"], tokens["refresh_token"]
