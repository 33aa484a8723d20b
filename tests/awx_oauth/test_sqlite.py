"""SQLite as the service uses it: what the database wrapper of :mod:`awx_oauth.sqlite` is for."""

from __future__ import annotations

import gc
import threading
import time
from contextlib import closing

import pytest
from django.db import OperationalError
from django.db.utils import ConnectionHandler

from settings import services


@pytest.fixture
def connect(tmp_path, django_db_blocker):
    """Opens a connection to one and the same file, which waits two seconds for others."""
    database = services.database(f"sqlite://{tmp_path / 'db.sqlite3'}")
    database["OPTIONS"]["timeout"] = 2
    with django_db_blocker.unblock():
        yield lambda: ConnectionHandler({"default": database}).create_connection("default")


def begin(connection):
    connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)


@pytest.fixture
def garbage():
    """What is left over stays until the test collects it."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("garbage")
def test_what_is_left_of_a_transaction_that_could_not_begin_keeps_no_other_thread_waiting(connect):
    failed, ended = threading.Event(), threading.Event()

    def wait_twice():
        with closing(connect()) as connection:
            for _ in range(2):
                with pytest.raises(OperationalError):
                    begin(connection)
                failed.set()
        ended.set()

    with closing(connect()) as writer:
        begin(writer)
        threading.Thread(target=wait_twice).start()
        failed.wait()
        time.sleep(0.5)  # until it waits again
        gc.collect()
        assert not ended.is_set()
        assert ended.wait(20)
