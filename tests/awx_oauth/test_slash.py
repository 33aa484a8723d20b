"""An address without its last slash."""

from __future__ import annotations

import pytest


def test_a_browser_is_led_to_the_right_address(client, db):
    response = client.get("/api/o")
    assert response.status_code == 301
    assert response["Location"] == "/api/o/"


@pytest.mark.parametrize("path", ["/api/o/token", "/api/o/revoke_token", "/api/v2/tokens"])
def test_a_post_is_not_turned_into_a_get(client, db, path):
    response = client.post(path, {"a": "b"})
    assert response.status_code == 404
    assert response["Content-Type"] == "application/json"
