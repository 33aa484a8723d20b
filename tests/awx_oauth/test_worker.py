"""How a worker's threads share its connections, and how workers leave their port when they stop."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager, suppress

import pytest

from benchmarks import meters
from tests.awx_oauth.breaking import LONG
from tests.servers import ROOT, environment_for, serving
from tests.wire import Load, Wire

ASK = b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
DOCS = b"GET /api/docs/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@pytest.fixture
def server():
    with serving() as started:
        yield started


def seconds_until_the_port_is_free(server):
    began = time.monotonic()
    while time.monotonic() - began < 20:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(server.address)
            except OSError:
                time.sleep(0.02)
            else:
                break
    return time.monotonic() - began


def test_workers_whose_master_was_killed_leave_the_port_to_the_next_one(server):
    with Wire(server) as wire:
        assert wire.send("GET", "/livez").status == 200  # and the connection stays open
        server.process.kill()
        server.process.wait()
        assert seconds_until_the_port_is_free(server) < 3


def test_a_stop_frees_the_port_before_kept_connections_end_and_answers_on_them(server):
    with Wire(server) as wire:
        assert wire.send("GET", "/livez").status == 200
        server.process.terminate()
        assert seconds_until_the_port_is_free(server) < 1
        answer = wire.send("GET", "/livez")
        assert (answer.status, answer.headers["Connection"]) == (200, "close")


def test_connections_that_wait_when_the_workers_stop_are_served(server):
    workers = meters.family(server.pid)[1:]
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    with ExitStack() as stack:
        waiting = [stack.enter_context(Wire(server)) for _ in range(20)]  # the kernel has taken them, no worker yet
        for wire in waiting:
            wire.http.request("GET", "/livez")
        server.process.terminate()
        time.sleep(0.5)
        for pid in workers:
            os.kill(pid, signal.SIGCONT)
        assert {wire.http.getresponse().status for wire in waiting} == {200}


def one_worker(**options):
    arguments = " ".join(f"--{name.replace('_', '-')} {value}" for name, value in options.items())
    return serving(WEB_CONCURRENCY="1", WEB_THREADS="2", GUNICORN_CMD_ARGS=arguments)


@pytest.fixture(scope="module")
def two_threads():
    with one_worker() as started:
        yield started


def statuses_on(connection, number):
    """Of the next answers, each of which has its body in one chunk."""
    received = b""
    while received.count(b"\r\n0\r\n\r\n") < number:
        chunk = connection.recv(65536)
        assert chunk, received
        received += chunk
    return [int(part[:3]) for part in received.split(b"HTTP/1.1 ")[1:]]


def test_many_more_connections_than_threads_stay_open_and_are_answered(two_threads):
    with ExitStack() as stack:
        wires = [stack.enter_context(Wire(two_threads)) for _ in range(40)]
        for _ in range(5):
            for wire in wires:
                wire.http.request("GET", "/livez")
            for wire in wires:
                response = wire.http.getresponse()
                response.read()
                assert (response.status, response.headers["Connection"]) == (200, "keep-alive")


def test_connections_that_say_nothing_keep_no_thread_from_the_others(two_threads):
    with ExitStack() as stack:
        for _ in range(10):
            stack.enter_context(socket.create_connection(two_threads.address))
        began = time.monotonic()
        with Wire(two_threads) as wire:
            assert [wire.send("GET", "/livez").status for _ in range(3)] == [200] * 3
        assert time.monotonic() - began < 2


FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
POST = b"POST /api/o/token/ HTTP/1.1\r\nHost: 127.0.0.1\r\n" + FORM
BODY = b"grant_type=client_credentials"
CHUNKS = b"a\r\ngrant_type\r\n13 ; a=b\r\n=client_credentials\r\n0\r\nX-Sum: 1\r\n\r\n"
WITH_LENGTH = POST + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
WITH_CHUNKS = POST + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNKS
IN_PART = {
    "a line": b"POST /api/o/tok",
    "some headers": POST,
    "a body": WITH_LENGTH[:-1],
    "a body over the endpoint's limit": POST + b"Content-Length: 200000\r\n\r\n" + b"x" * 70_000,
    "a body that is too long": POST + b"Content-Length: 1000000\r\n\r\n" + b"x" * 300_000,
    "a chunk": WITH_CHUNKS[: -len(CHUNKS) + 5],
    "the size of a chunk": WITH_CHUNKS[: -len(CHUNKS) + 1],
    "no last chunk": WITH_CHUNKS[: -len(CHUNKS) + 38],
    "no end of the trailers": WITH_CHUNKS[:-2],
    "a request and a part of one": ASK + ASK[:-2],
    "no body after all": POST + b"Content-Length: 5\r\nExpect: 100-continue\r\n\r\n",
    "an answer that nobody waits for": ASK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"),
    "nothing that we know": b"GARBAGE\r\n",
    "more than there is time for": ASK * 20_000,
    "answers that nobody reads": DOCS * 100,
}


@pytest.mark.parametrize("part", IN_PART.values(), ids=IN_PART)
def test_requests_that_come_in_part_keep_no_thread_from_the_others(two_threads, part):
    with ExitStack() as stack:
        for _ in range(6):
            stack.enter_context(socket.create_connection(two_threads.address)).sendall(part)
        began = time.monotonic()
        with Wire(two_threads) as wire:
            assert [wire.send("GET", "/livez").status for _ in range(3)] == [200] * 3
        assert time.monotonic() - began < 1.5


def test_answers_are_whole_for_a_client_that_takes_its_time(two_threads):
    with Wire(two_threads) as wire:
        page = wire.send("GET", "/api/docs/").body
    with socket.create_connection(two_threads.address, timeout=20) as connection:
        connection.sendall(DOCS * 100)
        time.sleep(0.5)
        received = b""
        while received.count(page) < 100:
            chunk = connection.recv(2**20)
            assert chunk
            received += chunk
        heads = received.split(page)
        assert {head[:15] for head in heads[:-1]} == {b"HTTP/1.1 200 OK"}
        assert heads[-1] == b""


def test_the_connection_ends_after_a_body_that_nobody_will_read(two_threads):
    with socket.create_connection(two_threads.address, timeout=20) as connection:
        connection.sendall(IN_PART["a body that is too long"])
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"\r\nConnection: close\r\n" in answer


@pytest.mark.parametrize("request_", [WITH_LENGTH, WITH_CHUNKS], ids=["length", "chunks"])
def test_a_request_that_comes_byte_by_byte_is_answered_and_so_is_the_next(two_threads, request_):
    with socket.create_connection(two_threads.address, timeout=20) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(2):
            for byte in request_:
                connection.sendall(bytes([byte]))
                time.sleep(0.0005)
            answer = b""
            while b"}" not in answer:
                answer += connection.recv(65536)
            assert answer.startswith(b"HTTP/1.1 401 ")
            assert b"No client authentication included." in answer  # so the grant type has come


def test_a_body_is_asked_for_once_when_the_client_waits_for_that(two_threads):
    asking = POST + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(BODY)
    with socket.create_connection(two_threads.address, timeout=20) as connection:
        connection.sendall(asking)
        assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        for part in (BODY[:5], BODY[5:]):
            connection.sendall(part)
            time.sleep(0.1)
        assert connection.recv(65536).startswith(b"HTTP/1.1 401 ")


def test_a_request_that_never_ends_is_given_up_however_steadily_it_comes():
    with one_worker(keep_alive=1) as server, socket.create_connection(server.address, timeout=20) as connection:
        connection.sendall(b"GET /livez HTTP/1.1\r\n")
        began = time.monotonic()
        with suppress(OSError):
            while time.monotonic() - began < 10:
                connection.sendall(b"X: y\r\n")
                time.sleep(0.05)
        assert 1 <= time.monotonic() - began < 5


def test_a_request_that_has_begun_when_the_worker_stops_is_answered():
    with one_worker() as server, socket.create_connection(server.address, timeout=20) as connection:
        connection.sendall(WITH_LENGTH[:-1])
        time.sleep(0.2)
        server.process.terminate()
        time.sleep(3)
        connection.sendall(WITH_LENGTH[-1:])
        assert connection.recv(65536).startswith(b"HTTP/1.1 401 ")


@pytest.mark.parametrize("options", [["--protocol", "uwsgi"], ["--http2-cleartext", "both"]])
def test_a_worker_that_is_asked_for_another_protocol_says_that_it_has_one_only(options):
    command = [sys.executable, "-m", "gunicorn", "tests.awx_oauth.breaking:application", *options]
    command += ["--bind", "127.0.0.1:0", "--worker-class", "awx_oauth.worker.Worker", "--no-control-socket"]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert finished.returncode == 1
    assert "Configuration error: this worker speaks HTTP/1.1" in finished.stderr
    assert "Traceback" not in finished.stderr


def test_requests_that_come_in_one_piece_are_answered_in_turn(two_threads):
    with socket.create_connection(two_threads.address, timeout=20) as connection:
        connection.sendall(ASK * 3 + ASK[:20])
        assert statuses_on(connection, 3) == [200] * 3
        connection.sendall(ASK[20:])
        assert statuses_on(connection, 1) == [200]


def test_a_connection_ends_when_its_time_is_over():
    with one_worker(keep_alive=1) as server, ExitStack() as stack:
        silent, used = [stack.enter_context(socket.create_connection(server.address, timeout=20)) for _ in range(2)]
        used.sendall(ASK)
        assert statuses_on(used, 1) == [200]
        for connection in (silent, used):
            assert connection.recv(1) == b""
        with Wire(server) as wire:
            assert wire.send("GET", "/livez").status == 200


def test_a_worker_that_holds_too_many_connections_says_that_it_closes_and_takes_the_next():
    with one_worker(worker_connections=10) as server, ExitStack() as stack:
        wires = [stack.enter_context(Wire(server)) for _ in range(9)]
        said = [wire.send("GET", "/livez").headers["Connection"] for wire in wires]
        assert sorted(said) == ["close"] + ["keep-alive"] * 8  # with two threads, eight may wait
        for _ in range(20):  # each may be the one too many
            with Wire(server) as wire:
                assert wire.send("GET", "/livez").status == 200


def test_workers_that_are_replaced_after_some_requests_lose_none():
    with serving(WEB_CONCURRENCY="2", GUNICORN_CMD_ARGS="--max-requests 50 --max-requests-jitter 20") as server:
        before = set(meters.family(server.pid)[1:])
        load = Load(server, *[lambda wire: [wire.send("GET", "/livez")]] * 8)
        with load.running():
            deadline = time.monotonic() + 20
            while before & set(meters.family(server.pid)[1:]) and time.monotonic() < deadline:
                time.sleep(0.1)
        assert {answer.status for answer in load.answers} == {200}
        assert not before & set(meters.family(server.pid)[1:])


def ask(port, path):
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b"")).decode()


@contextmanager
def gunicorn(log, *options):
    """A gunicorn of one worker and two threads on a free port, once that boots; it must stop by itself."""
    env = environment_for(f"sqlite://{log.parent}/db.sqlite3")
    port = int(env["PORT"])
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "2"]
    with log.open("w") as file:
        process = subprocess.Popen([*command, *options], cwd=ROOT, env=env, stdout=file, stderr=file)
    with process:
        try:
            wait_for_workers(log, 1)
            yield port
            process.terminate()
            assert process.wait(20) == 0, log.read_text()
        finally:
            process.kill()


def wait_for_workers(log, number):
    deadline = time.monotonic() + 20
    while log.read_text().count("Booting worker") < number:
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)


BREAKING = (
    "tests.awx_oauth.breaking:application",
    *("--worker-class", "awx_oauth.worker.Worker"),
    "--no-control-socket",
)


def test_answers_that_break_off_cost_no_thread(tmp_path):
    with gunicorn(tmp_path / "log", *BREAKING) as port:
        for _ in range(4):
            assert ask(port, "/begun").endswith("\r\n\r\nab")
            assert ask(port, "/exit") == ""
        assert [ask(port, "/")[-4:] for _ in range(4)] == ["abcd"] * 4


def test_answers_that_nobody_reads_take_no_more_than_so_much_memory(tmp_path):
    with gunicorn(tmp_path / "log", *BREAKING) as port, ExitStack() as stack:
        waiting = [stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20)) for _ in range(24)]
        for connection in waiting:
            connection.sendall(b"GET /long HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        assert ask(port, "/")[-4:] == "abcd"
        received = [b"".join(iter(lambda each=connection: each.recv(2**20), b"")) for connection in waiting]
    whole = [len(answer) > LONG for answer in received]
    assert whole[:8] == [True] * 8  # 64 MiB
    assert sum(whole) < 20  # what the kernel takes is not counted


def test_a_worker_that_is_told_to_stop_as_it_begins_to_exist_stops(tmp_path):
    with gunicorn(tmp_path / "log", "--config", "python:tests.awx_oauth.early_stop") as port:
        wait_for_workers(tmp_path / "log", 2)  # the first one has ended
        assert ask(port, "/livez").startswith("HTTP/1.1 200 ")
