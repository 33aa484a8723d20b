"""What the tests with other people's client libraries share."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _plain_http(monkeypatch):
    """The libraries insist on https, and the started service speaks plain http."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")


@pytest.fixture
def endpoint(server):
    """The URL of an endpoint by its name under ``/api/o/``."""
    return lambda name: f"{server.base_url}/api/o/{name}/"


@pytest.fixture
def me_url(server):
    """A protected resource."""
    return f"{server.base_url}/api/v2/me/"
