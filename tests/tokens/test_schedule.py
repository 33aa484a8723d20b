"""Cleaning by itself: when it is due, and by one at a time."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from tokens import cleanup, schedule, services
from tokens.models import AccessToken, Housekeeping


def test_what_has_ended_goes_when_it_is_time(alice, settings):
    settings.CLEANUP_INTERVAL_SECONDS = 3600
    services.issue_personal_token(user=alice, scope="read")
    assert schedule.clean_if_due()
    assert AccessToken.objects.exists()
    assert not schedule.clean_if_due()
    with time_machine.travel(timezone.now() + timedelta(days=400)):
        assert schedule.clean_if_due()
        assert not AccessToken.objects.exists()
        assert not schedule.clean_if_due()


@pytest.mark.django_db
def test_a_clock_that_was_ahead_for_a_while_does_not_put_it_off(settings):
    settings.CLEANUP_INTERVAL_SECONDS = 3600
    with time_machine.travel(timezone.now() + timedelta(days=400)):
        assert schedule.clean_if_due()
    assert schedule.clean_if_due()
    assert not schedule.clean_if_due()


@pytest.mark.django_db(transaction=True)
def test_of_many_that_look_at_once_one_cleans(monkeypatch):
    begun = []

    def clean(_progress):
        begun.append(1)
        return {}

    monkeypatch.setattr(cleanup, "clean", clean)
    Housekeeping.objects.create(task="cleanup", due=timezone.now())
    barrier = threading.Barrier(4)
    results = []

    def look():
        barrier.wait()
        results.append(schedule.clean_if_due())
        connection.close()

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False, False, False, True]
    assert len(begun) == 1


def test_zero_switches_it_off(settings):
    settings.CLEANUP_INTERVAL_SECONDS = 0
    before = threading.active_count()
    schedule.start()
    assert threading.active_count() == before
