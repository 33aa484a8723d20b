"""Production refuses to start without what it needs, in one sentence, and is clean by Django's deployment checks."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

GIVEN = {
    "SECRET_KEY": "0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "ALLOWED_HOSTS": "auth.example.org",
    "DATABASE_URL": "postgres://awx_oauth:hunter2@127.0.0.1:1/awx_oauth",
    "OAUTH2_ISSUER": "https://auth.example.org",
    "PASSWORD_GRANT_ENABLED": "false",  # on by default, of which tokens.W001 warns
}


def check(**changes):
    environment = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "settings.production", **GIVEN, **changes}
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_deployment_checks_find_nothing():
    done = check()
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"SECRET_KEY": ""}, "Set SECRET_KEY (or SECRET_KEY_FILE) to a random string"),
        ({"ALLOWED_HOSTS": " , "}, "Set ALLOWED_HOSTS to the host names"),
        ({"DATABASE_URL": ""}, "Set DATABASE_URL (or DATABASE_URL_FILE) to the address of the database"),
        ({"OAUTH2_ISSUER": ""}, "Set OAUTH2_ISSUER to the public https address"),
        ({"OAUTH2_ISSUER": "http://auth.example.org"}, "Set OAUTH2_ISSUER to the public https address"),
        ({"OAUTH2_ISSUER": "https://auth.example.org/?a=b"}, "Set OAUTH2_ISSUER to the public https address"),
        ({"OAUTH2_ISSUER": "https://auth.example.org?"}, "Set OAUTH2_ISSUER to the public https address"),
        ({"OAUTH2_ISSUER": "https://someone@auth.example.org"}, "Set OAUTH2_ISSUER to the public https address"),
        ({"TRUSTED_PROXIES": "everyone"}, "TRUSTED_PROXIES must list IP addresses or networks"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL must be one of"),
    ],
)
def test_what_is_missing_or_wrong_is_said_in_one_line(changes, sentence):
    done = check(**changes)
    assert done.returncode == 1
    assert done.stderr.startswith(f"Configuration error: {sentence}")
    assert done.stderr.count("\n") == 1
    assert "hunter2" not in done.stderr
