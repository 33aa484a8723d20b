"""``manage.py createapplication``."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command, get_commands, load_command_class

from applications.models import Application
from applications.services import verify_secret
from awx_oauth.accounts.models import Organization
from awx_oauth.activity.models import Activity, Event

CODE = ("confidential", "authorization-code", "--name", "client", "--redirect-uris", "https://app.example.com/cb")


def run(*arguments):
    """Run our command, whichever of that name Django would choose."""
    out = StringIO()
    command = load_command_class("applications", "createapplication")
    call_command(command, *arguments, stdout=out)
    return out.getvalue()


def refusal(*arguments):
    with pytest.raises(CommandError) as caught:
        run(*arguments)
    assert not Application.objects.exists()
    return str(caught.value)


def test_our_command_takes_the_place_of_the_librarys():
    assert get_commands()["createapplication"] == "applications"


def test_the_id_and_secret_are_printed_with_the_next_step(organization):
    printed = run("confidential", "client-credentials", "--name", "client")
    application = Application.objects.get()
    secret = printed.split("client_secret: ")[1].split()[0]
    assert verify_secret(application, secret)
    assert f"client_id:     {application.client_id}" in printed
    assert f"curl -u {application.client_id}:{secret} --data-urlencode grant_type=client_credentials" in printed
    assert printed.rstrip().endswith("/api/o/token/")


def test_json_has_everything_about_the_application(organization):
    printed = json.loads(run(*CODE, "--description", "Böse", "--pkce-required", "--skip-authorization", "--json"))
    application = Application.objects.get()
    assert verify_secret(application, printed.pop("client_secret"))
    assert printed == {
        "id": application.pk,
        "client_id": application.client_id,
        "name": "client",
        "description": "Böse",
        "client_type": "confidential",
        "authorization_grant_type": "authorization-code",
        "redirect_uris": "https://app.example.com/cb",
        "allowed_origins": "",
        "pkce_required": True,
        "skip_authorization": True,
        "organization": "Default",
    }


def test_a_public_client_has_no_secret_to_print(organization):
    arguments = ("public", "authorization-code", "--name", "client", "--redirect-uris", "http://127.0.0.1/cb")
    assert "client_secret" not in json.loads(run(*arguments, "--json"))
    Application.objects.all().delete()
    printed = run(*arguments)
    assert "client_secret" not in printed
    assert "--data-urlencode client_id=" in printed


@pytest.mark.parametrize("grant_type", Application.GrantType.values)
def test_every_grant_type_has_a_next_step(organization, grant_type):
    printed = run("confidential", grant_type, "--name", "client", "--redirect-uris", "https://app.example.com/cb")
    assert "curl -u" in printed
    assert "/api/o/" in printed


def test_several_redirect_uris_and_origins_are_separated_by_spaces(organization):
    run(
        *("public", "authorization-code", "--name", "client"),
        *("--redirect-uris", "https://a.example/cb https://b.example/cb"),
        *("--allowed-origins", "https://a.example https://b.example"),
    )
    application = Application.objects.get()
    assert application.redirect_uris.split() == ["https://a.example/cb", "https://b.example/cb"]
    assert application.allows_origin("https://b.example")


def test_the_application_belongs_to_the_organization_that_is_named(organization):
    operations = Organization.objects.create(name="Operations")
    run("confidential", "client-credentials", "--name", "client", "--organization", "Operations")
    assert Application.objects.get().organization == operations


def test_it_is_in_the_audit_log(organization):
    run("confidential", "client-credentials", "--name", "client")
    [entry] = Activity.objects.filter(event=Event.APPLICATION_CREATED)
    assert (entry.actor, entry.object_name) == (None, "client")


def test_an_unknown_organization_is_refused_with_those_that_exist(organization):
    reason = refusal("confidential", "password", "--name", "client", "--organization", "Nowhere")
    assert reason == 'There is no organization "Nowhere". Some that exist: "Default".'


@pytest.mark.django_db
def test_without_any_organization_the_command_that_creates_one_is_named():
    reason = refusal("confidential", "password", "--name", "client")
    assert reason == 'There is no organization "Default". manage.py bootstrap creates the organization "Default".'


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("https://app.example.com/#part", "has a fragment"),
        ("https://*.example.com/cb", "has a wildcard"),
        ("javascript:alert(1)", "Unauthorized redirect scheme: javascript"),
        ("http://app.example.com/cb", "must use https"),
    ],
)
def test_a_wrong_redirect_uri_is_refused_with_a_sentence(organization, uri, reason):
    message = refusal("confidential", "authorization-code", "--name", "client", "--redirect-uris", uri)
    assert message.startswith("redirect-uris: ")
    assert reason in message


def test_the_code_grant_needs_a_redirect_uri(organization):
    message = refusal("confidential", "authorization-code", "--name", "client")
    assert message == "redirect_uris cannot be empty with grant_type authorization-code"


def test_a_name_that_is_taken_is_refused(organization):
    run(*CODE)
    with pytest.raises(CommandError, match="Application with this Name and Organization already exists"):
        run(*CODE)
    assert Application.objects.count() == 1


@pytest.mark.django_db
def test_a_wrong_type_is_refused_with_the_choices():
    assert "choose from 'confidential', 'public'" in refusal("secret", "password", "--name", "client")
    message = refusal("public", "implicit", "--name", "client")
    assert all(grant_type in message for grant_type in Application.GrantType.values)


@pytest.mark.django_db
def test_the_name_is_required():
    assert "--name" in refusal("confidential", "password")
    assert "name: This field cannot be blank." in refusal_with_organization()


def refusal_with_organization():
    Organization.objects.create(name="Default")
    return refusal("confidential", "password", "--name", "")
