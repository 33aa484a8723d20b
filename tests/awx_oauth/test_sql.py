"""The statements that do not go through the ORM leave and find what the ORM would."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from applications.models import Application
from awx_oauth import sql
from awx_oauth.accounts.models import User
from awx_oauth.activity.models import Activity, Event
from tokens.models import AccessToken, Grant, RefreshToken

NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


@pytest.fixture
def application(make_application):
    made = make_application()[0]
    Activity.objects.all().delete()
    return made


def access_token(application, alice, **fields):
    defaults = {
        "user": alice,
        "application": application,
        "token_checksum": uuid.uuid4().hex,
        "token_family": uuid.uuid4(),
        "scope": "read",
        "expires": NOW,
    }
    return AccessToken(**defaults | fields)


def refresh_token(application, alice, **fields):
    defaults = {"token_checksum": uuid.uuid4().hex, "access_token_checksum": "x", "scope": "read", "expires": NOW}
    return RefreshToken(user=alice, application=application, **defaults | fields)


def grant(application, alice, **fields):
    defaults = {"code_checksum": uuid.uuid4().hex, "redirect_uri_given": True, "redirect_uri": "https://client.example"}
    return Grant(user=alice, application=application, expires=NOW, scope="read", **defaults | fields)


def entry(alice, **fields):
    defaults = {
        "event": Event.TOKEN_ISSUED,
        "actor": alice,
        "changes": {"text": 'a "quoted" ünïcode %s', "number": 1, "nothing": None, "list": [True]},
        "remote_address": "2001:db8::1",
    }
    return Activity(**defaults | fields)


def columns(row, *, without=()):
    stored = type(row).objects.filter(pk=row.pk).values().get()
    return {name: value for name, value in stored.items() if name not in {"id", *without}}


@pytest.mark.parametrize("together", [True, False], ids=["with others", "alone"])
def test_what_is_written_is_what_the_orm_would_save(application, alice, together):
    made = [
        lambda: access_token(application, alice, token_checksum="a" * 64, token_family=uuid.UUID(int=7)),
        lambda: access_token(None, alice, token_checksum="b" * 64, token_family=None, description="ünïcode %s ' \\"),
        lambda: refresh_token(application, alice, token_checksum="c" * 64, token_family=uuid.UUID(int=8)),
        lambda: grant(application, alice, code_checksum="d" * 64, token_family=uuid.UUID(int=9)),
        lambda: entry(alice),
        lambda: entry(None, remote_address=None, changes={}, object_id=7),
    ]
    automatic = ("created", "updated", "timestamp")
    for make in made:
        saved = make()
        saved.save(force_insert=True)
        expected = columns(saved, without=automatic)
        type(saved).objects.filter(pk=saved.pk).delete()
        written = make()
        assert sql.write(written, *([entry(alice)] if together else []))
        assert columns(written, without=automatic) == expected
        assert not written._state.adding
        for name in automatic:
            if hasattr(written, name):
                stored = type(written).objects.get(pk=written.pk)
                assert abs(getattr(stored, name) - timezone.now()) < timedelta(minutes=1)


def test_the_key_of_the_first_row_goes_where_the_others_hold_its_place(application, alice):
    token = access_token(application, alice, pk=sql.KEY)
    about = entry(alice, object_id=token.pk, object_name=str(token), changes={"id": token.pk, "other": token.pk + 1})
    assert sql.write(token, about)
    written = Activity.objects.get()
    assert token.pk != sql.KEY
    assert (written.object_id, written.object_name) == (token.pk, f"AccessToken #{token.pk}")
    assert written.changes == {"id": token.pk, "other": sql.KEY + 1}


@pytest.mark.parametrize("applies", [True, False])
@pytest.mark.parametrize("kind", ["spent", "same", "held", "removed"])
def test_all_is_written_or_nothing_as_the_condition_says(application, alice, kind, applies):
    family = uuid.uuid4()
    there = access_token(application, alice, token_family=family)
    there.save()
    code = grant(application, alice, used=None if applies else NOW)
    code.save()
    conditions = {
        "spent": sql.Spent(Grant, "used", "id", code.pk),
        "same": sql.Same(alice, ("password", "is_active")),
        "held": sql.Held(alice, ("password", "is_active")),
        "removed": sql.Removed(Grant, "id", code.pk if applies else code.pk + 1),
    }
    if kind in {"same", "held"} and not applies:
        User.objects.filter(pk=alice.pk).update(is_active=False)
    new = access_token(application, alice)
    gone = sql.Removed(AccessToken, "token_family", family)
    assert sql.write(new, entry(alice), when=conditions[kind], without=gone) is applies
    assert AccessToken.objects.filter(token_family=family).exists() is not applies
    assert AccessToken.objects.filter(token_checksum=new.token_checksum).exists() is applies
    assert Activity.objects.exists() is applies
    used = list(Grant.objects.filter(pk=code.pk).values_list("used", flat=True))
    if kind == "spent":
        assert used == [NOW] if not applies else timezone.now() - used[0] < timedelta(minutes=1)
    elif kind == "removed":
        assert (used == []) is applies


def test_a_family_is_spent_by_its_one_live_token(application, alice):
    family = uuid.uuid4()
    for revoked in (NOW, None):
        refresh_token(application, alice, token_family=family, revoked=revoked).save()
    live = sql.Spent(RefreshToken, "revoked", "token_family", family, also=("updated",))
    assert sql.write(entry(alice), when=live)
    assert not sql.write(entry(alice), when=live)
    assert Activity.objects.count() == 1
    assert RefreshToken.objects.filter(revoked=NOW).count() == 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time and locks no rows")
def test_a_spent_row_is_locked_after_those_that_it_is_under(application, alice):
    code = grant(application, alice)
    code.save()
    spent = sql.Spent(Grant, "used", "id", code.pk, under=(application, alice))
    with connection.cursor() as cursor:
        statement, parameters = spent.statement()
        cursor.execute(f"EXPLAIN (COSTS OFF) {statement}", parameters)
        plan = [line for (line,) in cursor.fetchall()]
    # A filter of this kind is had before the first row is looked at
    assert sum("One-Time Filter" in line for line in plan) == 1, plan
    assert sum("LockRows" in line for line in plan) == 2, plan

    bob = User(pk=alice.pk + 1000)
    gone = sql.Spent(Grant, "used", "id", code.pk, under=(application, bob))
    assert not sql.write(access_token(application, alice), when=gone)
    assert sql.write(access_token(application, alice), when=spent)


@pytest.mark.django_db(transaction=True)
def test_a_row_that_refers_to_nothing_takes_the_others_with_it(application, alice):
    stranger = access_token(application, alice)
    stranger.user_id = alice.pk + 1000
    with pytest.raises(IntegrityError), transaction.atomic():
        sql.write(stranger, entry(alice))
    assert not AccessToken.objects.exists()
    assert not Activity.objects.exists()


def test_postgresql_gets_it_all_in_one_statement(application, alice):
    code = grant(application, alice)
    code.save()
    with CaptureQueriesContext(connection) as seen:
        sql.write(access_token(application, alice), entry(alice), when=sql.Spent(Grant, "used", "id", code.pk))
    number = len([query for query in seen if "SAVEPOINT" not in query["sql"]])
    assert number == (1 if connection.vendor == "postgresql" else 3)


CLIENTS = sql.Select(lambda client_id: Application.objects.filter(client_id=client_id))
TOKENS = sql.Select(lambda checksum: AccessToken.objects.filter(token_checksum=checksum).select_related("user"))


def test_a_query_finds_what_the_orm_finds(application, alice, django_assert_num_queries):
    token = access_token(application, alice)
    token.save()
    with django_assert_num_queries(1):
        found = TOKENS.first(token.token_checksum)
        assert found is not None
        assert found.user == alice
    assert vars(found).keys() == vars(AccessToken.objects.select_related("user").get()).keys()
    assert columns(found) == columns(token)
    assert found.expires == NOW
    assert TOKENS.first("unknown") is None


@pytest.mark.parametrize("second", [True, False])
@pytest.mark.parametrize("first", [True, False])
def test_two_queries_in_one_find_what_each_would(application, alice, django_assert_num_queries, first, second):
    token = access_token(application, alice)
    token.save()
    with django_assert_num_queries(1):
        client, found = sql.Pair(CLIENTS, TOKENS).first(
            application.client_id if first else "unknown", token.token_checksum if second else "unknown"
        )
        assert client == (application if first else None)
        assert found == (token if first and second else None)
        if found is not None:
            assert (found.expires, found.token_family, found.user) == (NOW, token.token_family, alice)
