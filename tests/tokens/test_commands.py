"""AWX's management commands: what they do, and what they print."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command, get_commands
from django.utils import timezone

from tokens import services
from tokens.models import AccessToken, RefreshToken

YEARS = timedelta(days=800)


def run(name: str, *args: str) -> str:
    out = StringIO()
    call_command(name, *args, stdout=out)
    return out.getvalue()


def test_create_oauth2_token_prints_the_bare_token(client, alice):
    token = run("create_oauth2_token", "--user", "alice").strip()
    made = client.get("/api/v2/me/", headers={"Authorization": f"Bearer {token}"})
    assert made.json()["results"][0]["username"] == "alice"
    assert AccessToken.objects.get().scope == "write"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((), "Username not supplied. Usage: awx-manage create_oauth2_token --user=username."),
        (("--user", "nobody"), "The user does not exist."),
    ],
)
def test_create_oauth2_token_says_what_is_wrong(db, args, message):
    with pytest.raises(CommandError, match=message):
        run("create_oauth2_token", *args)


def test_revoke_oauth2_tokens_ends_one_users_tokens_and_prints_ids(oauth, alice, bob):
    _mine, value, refresh = services.issue_application_token(user=alice, application=oauth.application, scope="read")
    _theirs, other, _refresh = services.issue_application_token(user=bob, application=oauth.application, scope="read")
    printed = run("revoke_oauth2_tokens", "--user", "alice")
    assert printed == f"revoked OAuth2AccessToken {_mine.pk}\n"
    assert oauth.introspect(value).json() == oauth.introspect(refresh).json() == {"active": False}
    assert oauth.introspect(other).json()["active"] is True


def test_revoke_oauth2_tokens_without_a_user_ends_everybodys(oauth, alice, bob):
    for user in (alice, bob):
        services.issue_personal_token(user=user, scope="read")
    run("revoke_oauth2_tokens")
    assert not AccessToken.objects.exists()


def test_revoke_oauth2_tokens_all_reaches_refresh_tokens_without_an_access_token(oauth, alice):
    _access, _value, refresh = services.issue_application_token(user=alice, application=oauth.application, scope="read")
    AccessToken.objects.all().delete()
    assert run("revoke_oauth2_tokens") == ""
    assert oauth.introspect(refresh).json()["active"] is True
    assert run("revoke_oauth2_tokens", "--all") == f"revoked RefreshToken {RefreshToken.objects.get().pk}\n"
    assert oauth.introspect(refresh).json() == {"active": False}


def test_revoke_oauth2_tokens_refuses_an_unknown_user(db):
    with pytest.raises(CommandError, match=r"A user with that username does not exist\."):
        run("revoke_oauth2_tokens", "--user", "nobody")


def test_expire_sessions_logs_one_user_out(client, alice, admin):
    client.force_login(alice)
    run("expire_sessions", "--user", "admin")
    assert client.get("/api/v2/me/").status_code == 200
    run("expire_sessions", "--user", "alice")
    assert client.get("/api/v2/me/").status_code == 401


def test_expire_sessions_logs_everybody_out(client, alice):
    client.force_login(alice)
    assert run("expire_sessions") == ""
    assert client.get("/api/v2/me/").status_code == 401


def test_expire_sessions_refuses_an_unknown_user(db):
    with pytest.raises(CommandError, match=r"The user does not exist\."):
        run("expire_sessions", "--user", "nobody")


def test_cleanup_tokens_says_how_many_went_on_standard_error(oauth, alice):
    services.issue_application_token(user=alice, application=oauth.application, scope="read")
    with time_machine.travel(timezone.now() + YEARS):
        error = StringIO()
        call_command("cleanup_tokens", stderr=error)
    assert error.getvalue().splitlines() == [
        "Expired OAuth 2 Access Tokens deleted: 1",
        "Expired OAuth 2 Refresh Tokens deleted: 1",
    ]


def test_cleartokens_is_ours_and_says_nothing(oauth, alice):
    services.issue_personal_token(user=alice, scope="read")
    with time_machine.travel(timezone.now() + YEARS):
        assert run("cleartokens") == ""
    assert get_commands()["cleartokens"] == "tokens"
    assert not AccessToken.objects.exists()
