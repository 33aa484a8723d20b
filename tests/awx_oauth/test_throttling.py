"""Failures are counted, and the one too many waits."""

from __future__ import annotations

import socket
import time
from datetime import timedelta

import pytest
import time_machine

from awx_oauth import throttling
from awx_oauth.throttling import FailureLimit, TooManyFailuresError
from settings import services

LIMIT = FailureLimit("FAILED_USER_CODES_PER_USER")
NOON = 1_800_000_000  # the beginning of a window of 300 seconds


@pytest.fixture(autouse=True)
def _three(settings):
    settings.FAILED_USER_CODES_PER_USER = 3
    settings.FAILURE_WINDOW_SECONDS = 300


def fail(times: int, *key: str) -> None:
    for _ in range(times):
        LIMIT.check(*key)
        LIMIT.note(*key)


def test_the_attempt_after_the_last_allowed_failure_is_refused():
    fail(3, "alice")
    with pytest.raises(TooManyFailuresError):
        LIMIT.check("alice")


def test_another_key_is_not_held_up():
    fail(3, "alice")
    LIMIT.check("bob")


def test_keys_of_several_parts_do_not_run_into_each_other():
    fail(3, "a", "bc")
    LIMIT.check("ab", "c")


def test_the_error_says_how_many_seconds_are_left():
    with time_machine.travel(NOON + 100, tick=False):
        fail(3, "alice")
        with pytest.raises(TooManyFailuresError) as raised:
            LIMIT.check("alice")
    assert raised.value.retry_after == 201


def test_a_new_window_begins_at_zero():
    with time_machine.travel(NOON, tick=False) as clock:
        fail(3, "alice")
        clock.shift(timedelta(seconds=300))
        LIMIT.check("alice")


def test_a_success_is_forgiving():
    fail(2, "alice")
    LIMIT.forgive("alice")
    fail(3, "alice")


def test_zero_switches_the_limit_off(settings):
    settings.FAILED_USER_CODES_PER_USER = 0
    fail(50, "alice")


def test_without_a_cache_everybody_gets_in_and_the_log_says_so(settings, caplog):
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    fail(5, "alice")
    assert caplog.text.count("The cache does not answer") == 1  # and for some seconds nobody asks it, nor waits for it


def test_a_cache_that_came_back_is_asked_again():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(throttling, "_PAUSE_SECONDS", 0)
        assert throttling.shared.ask(lambda: 1 / 0) is None
        assert throttling.shared.ask(lambda: 7) == 7


def test_a_cache_that_takes_connections_and_never_answers_holds_nobody_up(settings):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.CACHES = {"default": services.cache(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")}
        began = time.monotonic()
        fail(5, "alice")
        assert time.monotonic() - began < 5
