"""Applications in Django admin."""

from __future__ import annotations

import html
import logging
import re

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from applications.models import Application
from applications.services import verify_secret
from awx_oauth.accounts.models import Organization
from awx_oauth.activity.models import Activity, Event

LIST = reverse("admin:applications_application_changelist")
ADD = reverse("admin:applications_application_add")


@pytest.fixture
def browser(client, admin):
    client.force_login(admin)
    return client


@pytest.fixture
def form(organization):
    return {
        "name": "client",
        "description": "",
        "organization": organization.pk,
        "client_type": "confidential",
        "authorization_grant_type": "authorization-code",
        "redirect_uris": "https://app.example.com/cb",
        "allowed_origins": "",
    }


def page_of(application):
    return reverse("admin:applications_application_change", args=[application.pk])


def secret_in(response):
    found = re.search(r'id="client-secret">([^<]+)<', response.text)
    return found and html.unescape(found[1])


def stored(application):
    return Application.objects.get(pk=application.pk)


def act(browser, action, *applications, **more):
    chosen = [application.pk for application in applications]
    return browser.post(LIST, {"action": action, "_selected_action": chosen, **more})


def test_creating_shows_id_secret_and_next_step_once(browser, form, admin):
    response = browser.post(ADD, form)
    application = Application.objects.get()
    secret = secret_in(response)
    assert response.status_code == 200
    assert verify_secret(application, secret)
    assert application.client_id in response.text
    assert f"curl -u {application.client_id}:{secret}" in html.unescape(response.text)
    assert page_of(application) in response.text
    assert "no-store" in response.headers["Cache-Control"]
    assert secret not in browser.get(page_of(application)).text
    [entry] = Activity.objects.filter(event=Event.APPLICATION_CREATED)
    assert (entry.actor, entry.object_id) == (admin, application.pk)


def test_the_secret_is_in_no_session_cookie_or_log(browser, form, caplog):
    with caplog.at_level(logging.DEBUG):
        response = browser.post(ADD, form)
    secret = secret_in(response)
    assert all(secret not in str(session.get_decoded()) for session in Session.objects.all())
    assert secret not in str(response.headers) + response.cookies.output()
    assert secret not in caplog.text


def test_a_public_client_is_created_without_a_secret(browser, form):
    response = browser.post(ADD, form | {"client_type": "public"})
    assert response.status_code == 200
    assert secret_in(response) is None
    assert Application.objects.get().client_id in response.text


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("https://app.example.com/#part", "has a fragment"),
        ("https://*.example.com/cb", "has a wildcard"),
        ("javascript:alert(1)", "Unauthorized redirect scheme: javascript"),
        ("http://app.example.com/cb", "must use https"),
        ("", "redirect_uris cannot be empty"),
    ],
)
def test_a_wrong_redirect_uri_is_an_error_of_the_form(browser, form, uri, reason):
    response = browser.post(ADD, form | {"redirect_uris": uri})
    assert response.status_code == 200
    assert reason in html.unescape(response.text)
    assert not Application.objects.exists()


def test_a_name_that_is_taken_is_an_error_of_the_form(browser, form):
    browser.post(ADD, form)
    response = browser.post(ADD, form)
    assert "Application with this Name and Organization already exists." in response.text
    assert Application.objects.count() == 1


def test_a_secret_can_neither_be_seen_nor_set(browser, form, make_application):
    application, secret = make_application()
    page = browser.get(page_of(application)).text
    assert "client_secret" not in page
    browser.post(page_of(application), form | {"client_secret": "chosen"})
    assert verify_secret(stored(application), secret)


def test_a_change_is_recorded_with_its_actor(browser, form, make_application, admin):
    application, _secret = make_application(name="before", redirect_uris=form["redirect_uris"])
    response = browser.post(page_of(application), form | {"name": "after", "skip_authorization": "on"})
    assert response.status_code == 302
    [entry] = Activity.objects.filter(event=Event.APPLICATION_CHANGED)
    assert entry.actor == admin
    assert entry.changes == {"name": ["before", "after"], "skip_authorization": [False, True]}


def test_the_grant_type_and_client_id_stay(browser, form, make_application):
    application, _secret = make_application()
    browser.post(page_of(application), form | {"authorization_grant_type": "password", "client_id": "chosen"})
    assert stored(application).authorization_grant_type == "authorization-code"
    assert stored(application).client_id == application.client_id


def test_a_client_that_becomes_confidential_shows_its_secret_once(browser, form, make_application):
    application, _none = make_application(client_type="public")
    response = browser.post(page_of(application), form)
    assert verify_secret(stored(application), secret_in(response))


def test_a_client_that_becomes_public_loses_its_secret(browser, form, make_application):
    application, _secret = make_application()
    response = browser.post(page_of(application), form | {"client_type": "public"})
    assert response.status_code == 302
    assert stored(application).client_secret == ""


def test_rotating_asks_first_and_then_shows_the_new_secret(browser, make_application, admin):
    application, old = make_application()
    question = act(browser, "rotate_secret", application)
    assert "stops working at once" in question.text
    assert verify_secret(stored(application), old)
    answer = act(browser, "rotate_secret", application, confirmed="yes")
    assert verify_secret(stored(application), secret_in(answer))
    assert not verify_secret(stored(application), old)
    assert "no-store" in answer.headers["Cache-Control"]
    assert Activity.objects.get(event=Event.SECRET_ROTATED).actor == admin


def test_a_get_rotates_nothing(browser, make_application):
    application, secret = make_application()
    browser.get(LIST, {"action": "rotate_secret", "_selected_action": application.pk, "confirmed": "yes"})
    assert verify_secret(stored(application), secret)


def test_only_one_secret_is_rotated_at_a_time(browser, make_application):
    one, secret = make_application()
    other, _secret = make_application()
    response = act(browser, "rotate_secret", one, other, confirmed="yes")
    assert "Choose one application" in browser.get(response.url).text
    assert verify_secret(stored(one), secret)


def test_a_public_client_has_no_secret_to_rotate(browser, make_application):
    application, _none = make_application(client_type="public", name="Phone")
    assert 'value="rotate_secret"' not in browser.get(page_of(application)).text
    response = act(browser, "rotate_secret", application, confirmed="yes")
    assert "Phone is a public client" in browser.get(response.url).text


def test_the_page_of_an_application_has_buttons_for_its_actions(browser, make_application):
    page = browser.get(page_of(make_application()[0])).text
    assert 'name="action" value="rotate_secret"' in page
    assert 'name="action" value="revoke_tokens"' in page


def test_deleting_goes_through_the_service(browser, make_application, admin):
    application, _secret = make_application()
    url = reverse("admin:applications_application_delete", args=[application.pk])
    assert "Are you sure" in browser.get(url).text
    assert Application.objects.exists()
    browser.post(url, {"post": "yes"})
    assert not Application.objects.exists()
    assert Activity.objects.get(event=Event.APPLICATION_DELETED).actor == admin


def test_deleting_several_goes_through_the_service_too(browser, make_application):
    applications = [make_application()[0] for _ in range(3)]
    act(browser, "delete_selected", *applications[:2])
    assert Application.objects.count() == 3
    act(browser, "delete_selected", *applications[:2], post="yes")
    assert Application.objects.get() == applications[2]
    assert Activity.objects.filter(event=Event.APPLICATION_DELETED).count() == 2


def test_an_application_is_found_by_name_client_id_and_organization(browser, make_application):
    elsewhere = Organization.objects.create(name="Elsewhere")
    application, _secret = make_application(name="needle", organization=elsewhere)
    make_application(name="hay")
    for term in ("needle", application.client_id, "elsewhere"):
        page = browser.get(LIST, {"q": term}).text
        assert "needle" in page
        assert ">hay<" not in page


def test_the_list_can_be_filtered(browser, make_application):
    make_application(name="needle", client_type="public")
    make_application(name="hay")
    page = browser.get(LIST, {"client_type__exact": "public"}).text
    assert "needle" in page
    assert ">hay<" not in page


def test_the_list_costs_the_same_however_many_applications_it_shows(
    browser, make_application, django_assert_max_num_queries
):
    for _ in range(20):
        make_application()
    with django_assert_max_num_queries(8):
        assert "application 20" in browser.get(LIST).text


def test_an_organization_is_found_as_one_types(browser, organization):
    answer = browser.get(
        reverse("admin:autocomplete"),
        {"term": "def", "app_label": "applications", "model_name": "application", "field_name": "organization"},
    )
    assert answer.json()["results"] == [{"id": str(organization.pk), "text": "Default"}]


def test_the_list_of_organizations_counts_applications(browser, make_application):
    make_application()
    page = browser.get(reverse("admin:accounts_organization_changelist")).text
    assert '<td class="field-applications_held">1</td>' in page


def test_a_system_auditor_looks_and_changes_nothing(client, alice, form, make_application):
    alice.is_system_auditor = True
    alice.save()
    client.force_login(alice)
    application, secret = make_application()
    assert application.name in client.get(LIST).text
    page = client.get(page_of(application))
    assert page.status_code == 200
    assert "rotate_secret" not in page.text
    assert client.get(ADD).status_code == 403
    assert client.post(ADD, form).status_code == 403
    assert client.post(page_of(application), form).status_code == 403
    act(client, "rotate_secret", application, confirmed="yes")
    act(client, "delete_selected", application, post="yes")
    assert verify_secret(stored(application), secret)


def test_nobody_else_gets_in(client, alice):
    assert client.get(LIST, follow=True).redirect_chain[-1][0].startswith("/api/login/?next=")
    client.force_login(alice)
    assert client.get(LIST, follow=True).status_code == 403
