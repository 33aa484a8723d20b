"""The cache in a table of the database counts what several do at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection

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
def test_counting_what_is_not_there_is_an_error():
    with pytest.raises(ValueError, match="failures"):
        cache.incr("failures")
