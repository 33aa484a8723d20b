"""The journeys' own cast: a person who has signed in, and clients of each kind."""

from __future__ import annotations

import pytest

from awx_oauth.accounts.models import User
from tests.oauth import Driver

DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture
def signed_in(oauth: Driver, alice: User) -> Driver:
    """The confidential client of the code grant, with alice at the browser."""
    oauth.http.force_login(alice)
    return oauth


@pytest.fixture
def public(driver_for, alice):
    """A public client of the code grant, with alice at the browser."""
    driver = driver_for(client_type="public")
    driver.http.force_login(alice)
    return driver


@pytest.fixture
def password_client(driver_for, alice):
    """A confidential client of the password grant."""
    return driver_for(authorization_grant_type="password")


@pytest.fixture
def machine(driver_for):
    """A client that acts for itself."""
    return driver_for(authorization_grant_type="client-credentials")


@pytest.fixture
def resource_server(driver_for):
    """A client that may introspect every token."""
    return driver_for(authorization_grant_type="client-credentials", resource_server=True)


@pytest.fixture
def device(driver_for, alice):
    """A public client of the device grant, with alice at the browser."""
    driver = driver_for(authorization_grant_type=DEVICE, client_type="public")
    driver.http.force_login(alice)
    return driver
