"""What can be done to an application, and what the audit log says of it."""

from __future__ import annotations

import json

import pytest
from django.core.exceptions import ObjectDoesNotExist, ValidationError

from applications import services
from applications.models import Application
from awx_oauth.accounts.services import delete_organization, delete_user
from awx_oauth.activity.models import Activity, Event


def entries(event):
    return list(Activity.objects.filter(event=event))


def stored(application):
    return Application.objects.get(pk=application.pk)


def test_a_confidential_client_gets_a_secret_that_is_stored_hashed(make_application):
    application, secret = make_application()
    assert len(secret) == 128
    assert secret not in stored(application).client_secret
    assert services.verify_secret(stored(application), secret)


def test_a_public_client_gets_none(make_application):
    application, secret = make_application(client_type="public")
    assert secret == ""
    assert stored(application).client_secret == ""
    assert not services.verify_secret(stored(application), "")


def test_creating_is_recorded_with_the_actor_and_without_the_secret(organization, admin):
    application, secret = services.create_application(
        actor=admin,
        name="client",
        organization=organization,
        client_type="confidential",
        authorization_grant_type="client-credentials",
    )
    [entry] = entries(Event.APPLICATION_CREATED)
    assert (entry.actor, entry.client_id, entry.object_id) == (admin, application.client_id, application.pk)
    assert entry.changes["name"] == "client"
    assert "client_secret" not in entry.changes
    assert secret not in json.dumps(entry.changes)


def test_a_wrong_field_leaves_nothing_behind(make_application):
    with pytest.raises(ValidationError):
        make_application(redirect_uris="https://app.example.com/#part")
    assert not Application.objects.exists()
    assert not Activity.objects.exists()


def test_nobody_can_choose_a_secret(make_application):
    application, secret = make_application(client_secret="chosen")
    assert secret != "chosen"
    assert not services.verify_secret(stored(application), "chosen")


def test_a_change_is_recorded_with_both_values(make_application, admin):
    application, _secret = make_application(name="before")
    assert services.change_application(application, actor=admin, name="after") == ""
    [entry] = entries(Event.APPLICATION_CHANGED)
    assert entry.changes == {"name": ["before", "after"]}
    assert entry.actor == admin


def test_a_change_of_nothing_is_not_recorded(make_application):
    application, _secret = make_application()
    services.change_application(application, name=application.name)
    assert not entries(Event.APPLICATION_CHANGED)


def test_a_change_keeps_the_secret(make_application):
    application, secret = make_application()
    services.change_application(application, description="changed")
    assert services.verify_secret(stored(application), secret)


def test_a_refused_change_changes_nothing(make_application):
    application, _secret = make_application(redirect_uris="https://app.example.com/cb")
    with pytest.raises(ValidationError):
        services.change_application(application, redirect_uris="javascript:alert(1)")
    assert stored(application).redirect_uris == "https://app.example.com/cb"


def test_a_public_client_that_becomes_confidential_gets_a_secret(make_application):
    application, _none = make_application(client_type="public")
    secret = services.change_application(application, client_type="confidential")
    assert services.verify_secret(stored(application), secret)


def test_a_confidential_client_that_becomes_public_loses_its_secret(make_application):
    application, secret = make_application()
    assert services.change_application(application, client_type="public") == ""
    assert stored(application).client_secret == ""
    assert not services.verify_secret(stored(application), secret)


def test_a_change_does_not_bring_back_a_secret_that_was_rotated_meanwhile(make_application):
    application, _old = make_application()
    new = services.rotate_secret(stored(application))
    services.change_application(application, description="changed")
    assert services.verify_secret(stored(application), new)


def test_a_change_does_not_undo_another_one(make_application):
    read_before, _secret = make_application(redirect_uris="https://app.example.com/cb")
    services.change_application(stored(read_before), redirect_uris="https://app.example.com/new")
    services.change_application(read_before, description="changed")
    assert stored(read_before).redirect_uris == "https://app.example.com/new"
    assert entries(Event.APPLICATION_CHANGED)[0].changes == {"description": ["", "changed"]}


def test_a_client_that_has_become_public_gets_no_secret(make_application):
    read_before, _secret = make_application()
    services.change_application(stored(read_before), client_type="public")
    with pytest.raises(ValueError, match="no secret"):
        services.rotate_secret(read_before)
    assert stored(read_before).client_secret == ""


def test_rotating_ends_the_old_secret(make_application, admin):
    application, old = make_application()
    new = services.rotate_secret(application, actor=admin)
    assert not services.verify_secret(stored(application), old)
    assert services.verify_secret(stored(application), new)
    [entry] = entries(Event.SECRET_ROTATED)
    assert (entry.actor, entry.changes) == (admin, {})


def test_a_public_client_has_nothing_to_rotate(make_application):
    application, _none = make_application(client_type="public")
    with pytest.raises(ValueError, match="no secret"):
        services.rotate_secret(application)


def test_deleting_is_recorded_and_outlives_the_application(make_application, admin):
    application, _secret = make_application(name="gone")
    services.delete_application(application, actor=admin)
    assert not Application.objects.exists()
    [entry] = entries(Event.APPLICATION_DELETED)
    assert (entry.object_name, entry.client_id, entry.actor) == ("gone", application.client_id, admin)


def test_what_somebody_else_has_deleted_is_not_deleted_again(make_application, organization, alice):
    application, _secret = make_application()
    deletions = [
        (services.delete_application, application),
        (delete_user, alice),
        (delete_organization, organization),
    ]
    for delete, row in deletions:
        seen_by_another_admin = type(row).objects.get(pk=row.pk)
        delete(row)
        with pytest.raises(ObjectDoesNotExist):
            delete(seen_by_another_admin)
    logged = [Event.APPLICATION_DELETED, Event.USER_DELETED, Event.ORGANIZATION_DELETED]
    assert [len(entries(event)) for event in logged] == [1, 1, 1]


def test_no_secret_is_right_for_an_unknown_client():
    assert not services.verify_secret(None, "")
    assert not services.verify_secret(None, "anything")
