"""What a worker remembers of clients that act for themselves: a query less, and no other answer."""

from __future__ import annotations

import pytest
from django.contrib.auth.hashers import make_password

from applications.models import Application
from awx_oauth.activity.models import Activity
from tests.flows.answers import refused
from tokens.endpoints import client_authentication
from tokens.models import AccessToken

pytestmark = pytest.mark.django_db


@pytest.fixture
def remembered(driver_for):
    """A client that acts for itself and got a token, so that the next request may rest on memory."""
    client = driver_for(authorization_grant_type="client-credentials")
    assert client.token(grant_type="client_credentials").status_code == 200
    return client


# Written past the service, as another process does it
CHANGES = {
    "a new secret": ({"client_secret": make_password("another")}, "invalid_client", 401),
    "made public": ({"client_type": "public", "client_secret": ""}, "invalid_client", 401),
    "another grant type": ({"authorization_grant_type": "password"}, "unauthorized_client", 400),
    "deleted": (None, "invalid_client", 401),
}


@pytest.mark.rfc("6749", "4.4.3")
@pytest.mark.parametrize("form", [{}, {"scope": "unknown"}], ids=["well-formed", "refused anyway"])
@pytest.mark.parametrize("change", CHANGES)
def test_what_is_remembered_of_a_client_never_outlives_it(remembered, change, form):
    fields, error, status = CHANGES[change]
    row = Application.objects.filter(pk=remembered.application.pk)
    row.update(**fields) if fields else row.delete()
    for _ in range(2):
        refused(remembered.token(grant_type="client_credentials", **form), error, status=status)
    assert AccessToken.objects.count() <= 1  # the one that came before


@pytest.mark.rfc("6749", "4.4.3")
def test_a_remembered_client_needs_its_secret_and_gets_each_answer_of_its_own(remembered):
    refused(remembered.token(grant_type="client_credentials", scope="unknown"), "invalid_scope")
    secret, remembered.secret = remembered.secret, "wrong"
    refused(remembered.token(grant_type="client_credentials"), "invalid_client", status=401)
    remembered.secret = secret
    assert remembered.token(grant_type="client_credentials", scope="read").json()["scope"] == "read"
    assert Activity.objects.filter(event="token:refused").count() == 1  # the scope; nobody has proven to be the other


def test_many_clients_are_remembered_and_not_all(remembered, driver_for, monkeypatch):
    monkeypatch.setattr(client_authentication, "_MOST_REMEMBERED", 2)
    for client in [driver_for(authorization_grant_type="client-credentials") for _ in range(5)] + [remembered]:
        assert client.token(grant_type="client_credentials").status_code == 200
        assert len(client_authentication._REMEMBERED) <= 2
