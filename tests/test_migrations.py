"""A migration can run while the version before it serves: what that uses stays, and it need not fill what is new."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing

import pytest
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django_migration_linter import MigrationLinter
from django_migration_linter.sql_analyser.analyser import analyse_sql_statements, get_sql_analyser_class

from tests.servers import ROOT, connect, environment_for, manage, new_database

OURS = ["accounts", "activity", "applications", "tokens"]

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="the linter reads PostgreSQL's SQL"),
]


def test_every_migration_leaves_the_version_before_it_what_it_uses(db):
    linter = MigrationLinter(str(ROOT), include_apps=OURS, no_cache=True, all_warnings_as_errors=True)
    linter.lint_all_migrations()
    assert linter.nb_valid >= len(OURS)
    assert linter.nb_erroneous == 0


def findings(operation):
    """What the linter says of a change to the table of organizations."""
    before = MigrationLoader(connection).project_state()
    after = before.clone()
    operation.state_forwards("accounts", after)
    with connection.schema_editor(collect_sql=True) as editor:
        operation.database_forwards("accounts", editor, before, after)
    errors, _ignored, warnings = analyse_sql_statements(get_sql_analyser_class("postgresql"), editor.collected_sql)
    return [finding.code for finding in errors + warnings]


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        (migrations.AddField("organization", "size", models.IntegerField(default=0)), "NOT_NULL"),
        (migrations.RemoveField("organization", "description"), "DROP_COLUMN"),
        (migrations.RenameField("organization", "description", "text"), "RENAME_COLUMN"),
        (migrations.RenameModel("Organization", "Company"), "RENAME_TABLE"),
        (migrations.AlterField("organization", "description", models.CharField(max_length=9)), "ALTER_COLUMN"),
        (migrations.AddIndex("organization", models.Index(fields=["description"], name="i")), "CREATE_INDEX"),
    ],
)
def test_a_change_that_would_fail_the_version_before_is_found(db, operation, code):
    assert code in findings(operation)


@pytest.mark.parametrize(
    "operation",
    [
        migrations.AddField("organization", "size", models.IntegerField(null=True)),
        migrations.AddField("organization", "size", models.IntegerField(db_default=0)),
    ],
)
def test_a_column_that_fills_itself_may_be_added(db, operation):
    assert findings(operation) == []


def test_a_migration_gives_up_rather_than_make_everybody_wait(tmp_path):
    with new_database(tmp_path) as database_url, closing(connect(database_url)) as backup:
        environment = environment_for(database_url)
        manage(environment, "bootstrap")
        with closing(backup.cursor()) as cursor:
            cursor.execute("BEGIN; LOCK TABLE django_migrations")
            done = subprocess.run(
                [sys.executable, "manage.py", "bootstrap"],
                cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
            )  # fmt: skip
            cursor.execute("COMMIT")
        assert done.returncode == 1
        assert done.stderr.startswith(
            "CommandError: A migration needs a table that another transaction has been holding"
        )
        assert done.stderr.count("\n") == 1
        manage(environment, "bootstrap")
