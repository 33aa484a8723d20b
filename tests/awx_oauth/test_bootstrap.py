"""``manage.py bootstrap`` brings any database to where the service can start, and changes nothing the second time."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from awx_oauth.accounts.models import Organization, User


@pytest.fixture(autouse=True)
def _no_superuser_variables(monkeypatch):
    for name in ("USERNAME", "PASSWORD", "EMAIL"):
        monkeypatch.delenv(f"DJANGO_SUPERUSER_{name}", raising=False)


def bootstrap():
    out = StringIO()
    call_command("bootstrap", stdout=out)
    return out.getvalue()


def generated_password(output):
    found = re.search(r"Admin password, shown this once: (\S+)\n", output)
    return found.group(1) if found else None


@pytest.mark.django_db
def test_the_first_run_creates_the_organization_and_an_admin_with_a_generated_password():
    password = generated_password(bootstrap())
    admin = User.objects.get(username="admin")
    assert admin.is_superuser
    assert admin.is_staff
    assert len(password) >= 20
    assert admin.check_password(password)
    assert Organization.objects.filter(name="Default").exists()


@pytest.mark.django_db
def test_the_second_run_changes_nothing():
    bootstrap()
    before = list(User.objects.values())
    assert generated_password(bootstrap()) is None
    assert list(User.objects.values()) == before
    assert Organization.objects.filter(name="Default").count() == 1


@pytest.mark.django_db
def test_the_first_admin_can_be_named_and_its_password_is_not_shown(monkeypatch, tmp_path):
    secret = tmp_path / "password"
    secret.write_text("chosen by the operator\n")
    monkeypatch.setenv("DJANGO_SUPERUSER_USERNAME", "root")
    monkeypatch.setenv("DJANGO_SUPERUSER_EMAIL", "root@example.org")
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD_FILE", str(secret))
    output = bootstrap()
    admin = User.objects.get(username="root")
    assert admin.email == "root@example.org"
    assert admin.check_password("chosen by the operator")
    assert "chosen by the operator" not in output


@pytest.mark.django_db
def test_a_superuser_that_is_there_already_is_left_alone():
    User.objects.create_superuser("ann", password="secret")
    bootstrap()
    assert not User.objects.filter(username="admin").exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "reason"), [("admin", "already exists"), ("not a name", "valid username")])
def test_an_admin_that_cannot_be_created_is_explained(monkeypatch, name, reason):
    User.objects.create_user("admin", password="secret")
    monkeypatch.setenv("DJANGO_SUPERUSER_USERNAME", name)
    with pytest.raises(CommandError, match=reason):
        bootstrap()
    assert not Organization.objects.filter(name="Default").exists()


@pytest.mark.django_db
def test_it_says_where_the_service_is_and_what_to_type_next(monkeypatch):
    monkeypatch.setenv("PORT", "9000")
    output = bootstrap()
    assert "http://127.0.0.1:9000/api/o/" in output
    assert "manage.py createapplication" in output


def run(database_url):
    return subprocess.run(
        [sys.executable, "manage.py", "bootstrap"],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "settings.test", "DATABASE_URL": database_url},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("postgres://ann:hunter2@127.0.0.1:1/tokens", "127.0.0.1:1/tokens"),
        ("sqlite:///nowhere/at/all.sqlite3", "/nowhere/at/all.sqlite3"),
    ],
)
def test_a_database_that_cannot_be_reached_is_one_clear_line(url, place):
    done = run(url)
    assert done.returncode == 1
    assert done.stderr.startswith(f"CommandError: Cannot connect to the database {place}: ")
    assert done.stderr.count("\n") == 1
    assert "hunter2" not in done.stderr
