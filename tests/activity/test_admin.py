"""The audit log in Django admin."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from awx_oauth.activity.models import Activity, Event
from awx_oauth.activity.services import record

LIST = reverse("admin:activity_activity_changelist")


@pytest.fixture
def browser(client, admin):
    client.force_login(admin)
    return client


@pytest.fixture
def entries(admin, alice):
    """One by each, with something of its own to find it by."""
    Activity.objects.all().delete()
    record(Event.USER_CHANGED, actor=admin, target=alice, changes={"email": ["old@example.com", "new@example.com"]})
    record(Event.TOKEN_ISSUED, actor=alice, client_id="abc123")
    return Activity.objects.order_by("id")


def shown(browser, **query):
    """The ids in the list."""
    response = browser.get(LIST, query)
    assert response.status_code == 200
    return {entry.pk for entry in response.context["cl"].result_list}


def test_the_newest_entry_is_on_top(browser, entries):
    result_list = browser.get(LIST).context["cl"].result_list
    assert [entry.event for entry in result_list] == [Event.TOKEN_ISSUED, Event.USER_CHANGED]


@pytest.mark.parametrize(
    "query",
    [
        {"event__exact": "user:changed"},
        {"by": "admin"},
        {"q": "admin"},
        {"q": "alice", "by": "admin"},
        {"object_type": "user"},
    ],
)
def test_entries_are_found_by_event_actor_and_object(browser, entries, query):
    assert shown(browser, **query) == {entries[0].pk}


@pytest.mark.parametrize("query", [{"client": "abc123"}, {"q": "abc123"}, {"by": "alice"}])
def test_entries_are_found_by_client_and_actor(browser, entries, query):
    assert shown(browser, **query) == {entries[1].pk}


@pytest.mark.parametrize("query", [{"client": "abc12"}, {"by": "alic"}, {"q": "nothing"}, {"q": "%"}, {"by": "nobody"}])
def test_nothing_else_is_found(browser, entries, query):
    assert shown(browser, **query) == set()


def test_an_actor_who_is_gone_is_found_by_name(browser, entries, alice):
    alice.delete()
    assert shown(browser, by="alice") == {entries[1].pk}


def test_entries_are_found_by_request_and_address(browser, entries):
    entries.filter(pk=entries[0].pk).update(request_id="f00d", remote_address="192.0.2.1")
    assert shown(browser, q="f00d") == {entries[0].pk}
    assert shown(browser, q="192.0.2.") == {entries[0].pk}


@pytest.mark.parametrize(("within", "count"), [("hour", 1), ("day", 1), ("week", 2), ("month", 2), ("nonsense", 2)])
def test_entries_are_filtered_by_time(browser, entries, within, count):
    entries.filter(pk=entries[0].pk).update(timestamp=timezone.now() - timedelta(days=3))
    assert len(shown(browser, within=within)) == count


def test_a_typed_filter_keeps_the_other_filters_and_the_search(browser, entries):
    page = browser.get(LIST, {"event__exact": "user:changed", "q": "admin"}).text
    form = page.split('class="text-filter"')[1].split("</form>")[0]
    assert '<input type="hidden" name="event__exact" value="user:changed">' in form
    assert '<input type="hidden" name="q" value="admin">' in form


def test_an_entry_shows_its_changes_line_by_line(browser, entries):
    page = browser.get(reverse("admin:activity_activity_change", args=[entries[0].pk])).text
    assert "<pre>{\n  &quot;email&quot;: [\n" in page


def test_an_entry_is_never_touched(browser, entries):
    url = reverse("admin:activity_activity_change", args=[entries[0].pk])
    assert browser.get(reverse("admin:activity_activity_add")).status_code == 403
    assert browser.post(url, {"event": "user:deleted"}).status_code == 403
    assert (
        browser.post(reverse("admin:activity_activity_delete", args=[entries[0].pk]), {"post": "yes"}).status_code
        == 403
    )
    browser.post(LIST, {"action": "delete_selected", "_selected_action": entries[0].pk, "post": "yes"})
    assert entries.count() == 2
    assert entries[0].event == Event.USER_CHANGED


def test_the_list_costs_the_same_however_many_entries_it_shows(browser, entries, django_assert_max_num_queries):
    for _ in range(30):
        record(Event.LOGIN, actor=entries[1].actor)
    with django_assert_max_num_queries(6):
        browser.get(LIST)


def test_a_long_list_is_not_counted_to_its_end(browser, admin):
    Activity.objects.bulk_create([Activity(event=Event.LOGIN) for _ in range(10_001)])
    assert "10000+ activity entries" in " ".join(browser.get(LIST).text.split())
    assert browser.get(LIST, {"p": 200}).status_code == 200


def test_a_system_auditor_may_read_it(client, alice):
    alice.is_system_auditor = True
    alice.save()
    client.force_login(alice)
    assert client.get(LIST).status_code == 200
