"""What is live after a race: asked of the service, and of its database."""

from __future__ import annotations

import pytest

from tests.wire import Wire


@pytest.fixture
def live_rows(server):
    """How many live access and refresh tokens a client has, by the database."""

    def count(client):
        [(access,)] = server.rows(f"SELECT count(*) FROM tokens_accesstoken WHERE application_id = {client.pk}")
        [(refresh,)] = server.rows(
            f"SELECT count(*) FROM tokens_refreshtoken WHERE application_id = {client.pk} AND revoked IS NULL"
        )
        return access, refresh

    return count


@pytest.fixture
def is_live(server, resource_server):
    """Which of some tokens are live, by the introspection endpoint."""

    def ask(tokens):
        with Wire(server) as wire:
            return [wire.introspect(resource_server, token)["active"] for token in tokens]

    return ask
