"""The cache in a table of the database counts what several do at once, and forgets no counter before its time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from awx_oauth.throttling import FailureLimit
from settings import services

TABLE = "counting_cache"


@pytest.fixture
def _counting(transactional_db, settings):
    settings.CACHES = {"default": services.cache(f"db://{TABLE}")}
    call_command("createcachetable", verbosity=0)
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {TABLE}")


def count_five(_number):
    try:
        for _ in range(5):
            cache.incr("failures")
    finally:
        connection.close()


@pytest.mark.usefixtures("_counting")
def test_counting_in_parallel_loses_nothing():
    cache.set("failures", 0, timeout=60)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count_five, range(8)))
    assert cache.get("failures") == 40


@pytest.mark.usefixtures("_counting")
def test_counting_leaves_the_expiry_as_it_was():
    cache.set("failures", 1, timeout=3600)
    assert cache.incr("failures") == 2
    with time_machine.travel(timezone.now() + timedelta(seconds=3000)):
        assert cache.get("failures") == 2
    with time_machine.travel(timezone.now() + timedelta(seconds=4000)):
        assert cache.get("failures") is None


@pytest.mark.usefixtures("_counting")
def test_failures_under_many_names_make_no_other_failure_forgotten():
    address, many = FailureLimit("FAILED_PASSWORDS_PER_ADDRESS"), FailureLimit("FAILED_SECRETS_PER_CLIENT_AND_ADDRESS")
    for _ in range(3):
        address.note("192.0.2.1")
    for number in range(310):
        many.note(f"nobody{number}", "192.0.2.1")
    assert address.check("192.0.2.1") == 3


@pytest.mark.usefixtures("_counting")
def test_what_has_expired_makes_room():
    with time_machine.travel(timezone.now() - timedelta(hours=1)):
        for number in range(310):
            cache.set(f"old{number}", 1, timeout=60)
    cache.set("new", 1, timeout=60)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {TABLE}")
        assert cursor.fetchone() == (1,)


@pytest.mark.usefixtures("_counting")
def test_there_is_an_end_to_what_it_holds(monkeypatch):
    monkeypatch.setattr("awx_oauth.cache._MOST", 305)
    for number in range(310):
        cache.set(f"key{number}", 1, timeout=60)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {TABLE}")
        assert cursor.fetchone()[0] < 300


@pytest.mark.usefixtures("_counting")
def test_counting_what_is_not_there_is_an_error():
    with pytest.raises(ValueError, match="failures"):
        cache.incr("failures")
