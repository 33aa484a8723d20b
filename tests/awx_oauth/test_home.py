"""The start page."""

from __future__ import annotations

import pytest


@pytest.fixture
def auditor(bob):
    bob.is_system_auditor = True
    bob.save()
    return bob


@pytest.mark.parametrize(
    ("who", "is_led_there"), [(None, True), ("alice", False), ("auditor", True), ("admin", True)], ids=str
)
def test_only_who_may_open_the_administration_is_led_there(client, request, db, who, is_led_there):
    if who:
        client.force_login(request.getfixturevalue(who))
    assert ('href="/admin/"' in client.get("/").text) is is_led_there


def test_person_is_told_who_they_are_signed_in_as(client, alice):
    client.force_login(alice)
    assert "Signed in as <bdi>alice</bdi>" in client.get("/").text
