"""Each deployment check, with the setting that it warns of and without."""

from __future__ import annotations

import pytest
from django.core.checks import CheckMessage, run_checks

OAUTH_SETTINGS = {
    "AUTHORIZATION_CODE_EXPIRE_SECONDS",
    "ACCESS_TOKEN_EXPIRE_SECONDS",
    "REFRESH_TOKEN_EXPIRE_SECONDS",
}
YEAR = 366 * 24 * 3600
SOUND = {"PASSWORD_GRANT_ENABLED": False, "OAUTH2_ISSUER": "https://auth.example.org"}


def _is_ours(message: CheckMessage) -> bool:
    return (message.id or "").startswith("tokens.")


@pytest.fixture
def warned_of(settings):
    """Which of our checks complain when ``name`` has ``value`` and everything else is sound."""

    def run(name, value):
        for setting, sound in SOUND.items():
            setattr(settings, setting, sound)
        if name in OAUTH_SETTINGS:
            settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, name: value}
        elif name is not None:
            setattr(settings, name, value)
        found = [message for message in run_checks(include_deployment_checks=True) if _is_ours(message)]
        assert all(message.hint for message in found)
        return [message.id for message in found]

    return run


def test_nothing_is_wrong_with_sound_settings(warned_of):
    assert warned_of(None, None) == []


@pytest.mark.parametrize(
    ("number", "name", "weak", "sound"),
    [
        ("W001", "PASSWORD_GRANT_ENABLED", True, False),
        ("W002", "OAUTH2_ISSUER", "", "https://auth.example.org"),
        ("W002", "OAUTH2_ISSUER", "http://auth.example.org", "https://auth.example.org:8443"),
        ("W003", "OAUTH2_ISSUER", "https://auth.example.org/oauth", "https://auth.example.org"),
        ("W003", "OAUTH2_ISSUER", "https://auth.example.org?x=1", "https://auth.example.org"),
        ("W004", "AUTHORIZATION_CODE_EXPIRE_SECONDS", 601, 600),
        ("W005", "ACCESS_TOKEN_EXPIRE_SECONDS", YEAR + 1, YEAR),
        ("W006", "REFRESH_TOKEN_EXPIRE_SECONDS", YEAR + 1, YEAR),
        ("W007", "PERSONAL_ACCESS_TOKEN_EXPIRE_SECONDS", YEAR + 1, YEAR),
        ("W008", "DEVICE_CODE_EXPIRE_SECONDS", 3601, 3600),
        ("W009", "AUTHORIZATION_REQUEST_SECONDS", 3601, 3600),
        ("W010", "FAILED_PASSWORDS_PER_ADDRESS", 0, 1),
        ("W010", "FAILED_PASSWORDS_PER_USER_AND_ADDRESS", 0, 1),
        ("W010", "FAILED_SECRETS_PER_CLIENT_AND_ADDRESS", 0, 1),
        ("W010", "FAILED_USER_CODES_PER_USER", 0, 1),
        ("W010", "UNKNOWN_TOKENS_PER_CLIENT", 0, 1),
    ],
)
def test_a_weak_setting_is_named_and_a_sound_one_is_not(warned_of, number, name, weak, sound):
    assert warned_of(name, weak) == [f"tokens.{number}"]
    assert warned_of(name, sound) == []


def test_they_are_deployment_checks_only(settings):
    settings.OAUTH2_ISSUER = ""
    assert not [message for message in run_checks() if _is_ours(message)]
