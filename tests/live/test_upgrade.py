"""Two versions of the service on one database: nobody notices that one takes over from the other."""

from __future__ import annotations

import subprocess
from contextlib import ExitStack, closing

import pytest

from tests.cast import CLIENT_CREDENTIALS, PASSWORD, PASSWORD_GRANT, RESOURCE_SERVER, Cast
from tests.servers import ROOT, connect, environment_for, manage, new_database, python, running, serving
from tests.wire import Load, Wire

SCHEMA = """
from django.db import connection
with connection.cursor() as cursor:
    describe = connection.introspection.get_table_description
    tables = connection.introspection.table_names(cursor)
    result = {table: sorted(column.name for column in describe(cursor, table)) for table in tables}
"""
TABLES = """
from django.apps import apps
result = [model._meta.db_table for model in apps.get_models(include_auto_created=True)]
"""


def git(*arguments, **options):
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=False, **options)
    return done.stdout.strip() if done.returncode == 0 else None


def previous_version():
    """The last release. Before the first, when migrations may still be rewritten, the oldest version with these."""
    release = git("describe", "--tags", "--abbrev=0", "--match", "v*", text=True)
    return release or git("log", "-1", "--format=%H", "--", "*/migrations/*.py", text=True)


@pytest.fixture(scope="module")
def previous_checkout(tmp_path_factory):
    try:
        version = previous_version()
    except FileNotFoundError:
        version = None
    if not version:
        pytest.skip("the version before this one is in git, and this is no checkout with its history")
    directory = tmp_path_factory.mktemp("previous")
    subprocess.run(["tar", "-x", "-C", directory], input=git("archive", version), check=True)
    return directory


def by_password(client, person):
    """Log in, and refresh once."""
    form = {"grant_type": "password", "username": person.username, "password": PASSWORD}

    def send(wire):
        issued = wire.token(client, **form)
        return [
            issued,
            wire.refresh(client, issued.json()["refresh_token"]),
            wire.revoke(client, issued.json()["access_token"]),
        ]

    return send


def by_client_credentials(client):
    return lambda wire: [wire.token(client, grant_type="client_credentials")]


def test_the_previous_version_serves_while_this_one_migrates_and_starts(previous_checkout, tmp_path):
    with ExitStack() as stack:
        database_url = stack.enter_context(new_database(tmp_path))
        manage(environment_for(database_url), "bootstrap", checkout=previous_checkout)
        previous = stack.enter_context(running(database_url, checkout=previous_checkout))
        cast = Cast(previous)
        person, client, other = cast.user(), cast.client(**PASSWORD_GRANT), cast.client(**CLIENT_CREDENTIALS)
        resource_server = cast.client(**RESOURCE_SERVER)
        senders = [by_password(client, person), by_client_credentials(other)]
        on_previous = Load(previous, *senders)
        with on_previous.running():
            manage(environment_for(database_url), "bootstrap")
            this = stack.enter_context(running(database_url))
            on_this = Load(this, *senders)
            with on_this.running(), Wire(previous) as before, Wire(this) as after:
                for one, another in [(before, after), (after, before)]:
                    form = {"grant_type": "password", "username": person.username, "password": PASSWORD}
                    issued = one.token(client, **form).json()
                    assert another.me(issued["access_token"]).status == 200
                    refreshed = another.refresh(client, issued["refresh_token"]).json()
                    assert one.introspect(resource_server, refreshed["access_token"])["active"]
                    assert another.revoke(client, refreshed["refresh_token"]).status == 200
                    assert one.me(refreshed["access_token"]).status == 401
        with new_database(previous_checkout) as fresh:
            manage(environment_for(fresh), "bootstrap")
            assert this.python(SCHEMA) == python(environment_for(fresh), SCHEMA)
        assert on_previous.outcomes == {(200, None)}
        assert on_this.outcomes == {(200, None)}


def test_this_version_serves_on_a_database_to_which_the_next_one_has_added():
    with serving() as server, closing(connect(server.database_url)) as database:
        cast = Cast(server)
        load = Load(
            server,
            by_password(cast.client(**PASSWORD_GRANT), cast.user()),
            by_client_credentials(cast.client(**CLIENT_CREDENTIALS)),
        )
        tables = server.python(TABLES)
        with load.running(), closing(database.cursor()) as cursor:
            for table in tables:
                cursor.execute(f'ALTER TABLE "{table}" ADD COLUMN of_the_next_version integer NULL')
                cursor.execute(f'ALTER TABLE "{table}" ADD COLUMN filled_by_the_database integer NOT NULL DEFAULT 0')
        assert load.outcomes == {(200, None)}
        person = cast.user()
        with Wire(server) as wire:
            form = {"grant_type": "password", "username": person.username, "password": PASSWORD}
            assert wire.token(cast.client(**PASSWORD_GRANT), **form).outcome == (200, None)
