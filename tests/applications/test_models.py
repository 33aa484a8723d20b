"""What an application may be."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from applications.models import Application
from applications.services import create_application


@pytest.fixture
def fields(organization):
    return {
        "name": "client",
        "organization": organization,
        "client_type": "confidential",
        "authorization_grant_type": "client-credentials",
    }


def problems(**fields):
    with pytest.raises(ValidationError) as caught:
        Application(**fields).full_clean()
    return caught.value.message_dict


def test_the_code_grant_needs_a_redirect_uri(fields):
    fields["authorization_grant_type"] = "authorization-code"
    assert problems(**fields) == {"__all__": ["redirect_uris cannot be empty with grant_type authorization-code"]}


def test_blank_redirect_uris_are_none(fields):
    fields |= {"authorization_grant_type": "authorization-code", "redirect_uris": " \n "}
    assert "__all__" in problems(**fields)


@pytest.mark.parametrize(
    "grant_type", ["password", "client-credentials", "urn:ietf:params:oauth:grant-type:device_code"]
)
def test_other_grants_need_none(fields, grant_type):
    Application(**fields | {"authorization_grant_type": grant_type}).full_clean()


def test_each_wrong_redirect_uri_is_named(fields):
    fields["redirect_uris"] = "https://app.example.com/ok http://app.example.com/plain https://app.example.com/#part"
    messages = problems(**fields)["redirect_uris"]
    assert len(messages) == 2
    assert "http://app.example.com/plain must use https" in messages[0]
    assert "https://app.example.com/#part has a fragment" in messages[1]


@pytest.mark.parametrize("client_type", ["", "secret", None])
def test_an_unknown_client_type_is_refused(fields, client_type):
    assert "client_type" in problems(**fields | {"client_type": client_type})


@pytest.mark.parametrize("grant_type", ["", "implicit", "authorization_code", "openid-hybrid"])
def test_an_unknown_grant_type_is_refused(fields, grant_type):
    assert "authorization_grant_type" in problems(**fields | {"authorization_grant_type": grant_type})


@pytest.mark.rfc("6749", "4.4")
def test_a_public_client_cannot_have_client_credentials(fields):
    assert "client_type" in problems(**fields | {"client_type": "public"})


def test_a_public_client_cannot_be_a_resource_server(fields):
    fields |= {"client_type": "public", "authorization_grant_type": "password", "resource_server": True}
    assert "resource_server" in problems(**fields)


@pytest.mark.parametrize(
    "origin",
    [
        "https://app.example.com",
        "https://app.example.com:8443",
        "http://localhost:3000",
        "http://127.0.0.1",
        "http://[::1]:3000",
    ],
)
def test_an_origin_may_be_allowed(fields, origin):
    Application(**fields, allowed_origins=origin).full_clean()


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "null",
        "app.example.com",
        "https://app.example.com/",
        "https://App.example.com",
        "https://app.example.com?x",
        "https://app.example.com#",
        "https://user@app.example.com",
        "https://app.example.com:port",
        "http://app.example.com",
        "http://localhost.evil.com",
        "https://*.example.com",
        "javascript:alert(1)",
        "https://",
    ],
)
def test_what_is_no_origin_is_refused(fields, origin):
    assert "allowed_origins" in problems(**fields, allowed_origins=origin)


def test_a_name_is_taken_once_in_an_organization(fields):
    create_application(**fields)
    expected = ["Application with this Name and Organization already exists."]
    assert problems(**fields)["__all__"] == expected


def test_the_database_keeps_public_clients_without_a_secret(fields):
    fields |= {"client_type": "public", "authorization_grant_type": "password", "client_secret": "x"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.create(**fields)


def test_public_clients_always_need_pkce(fields):
    assert Application(**fields | {"client_type": "public"}).requires_pkce
    assert Application(**fields, pkce_required=True).requires_pkce
    assert not Application(**fields).requires_pkce


def test_only_registered_redirect_uris_are_allowed(fields):
    application = Application(**fields, redirect_uris="https://a.example/cb https://b.example/cb")
    assert application.allows_redirect_uri("https://b.example/cb")
    assert not application.allows_redirect_uri("https://a.example/cb https://b.example/cb")
    assert not application.allows_redirect_uri("https://c.example/cb")


def test_a_page_may_only_call_as_a_public_client(fields):
    origin = "https://app.example.com"
    assert Application(**fields | {"client_type": "public"}, allowed_origins=origin).allows_origin(origin)
    assert not Application(**fields, allowed_origins=origin).allows_origin(origin)
    assert not Application(**fields | {"client_type": "public"}, allowed_origins=origin).allows_origin("null")


def test_redirects_go_to_the_schemes_that_are_registered(fields):
    application = Application(**fields, redirect_uris="HTTPS://a.example/cb com.example.app:/cb")
    assert application.get_allowed_schemes() == ["com.example.app", "https"]
