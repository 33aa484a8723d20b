"""What no honest client sends, on the wire: a registered error for all of it, and never a fault of ours."""

from __future__ import annotations

import base64
import json
import socket
from urllib.parse import urlencode

import pytest

from tests.cast import CLIENT_CREDENTIALS, CODE
from tests.oauth import FORM, basic
from tests.servers import ADMIN, ADMIN_PASSWORD
from tests.wire import Answer

ENDPOINTS = ["token", "revoke_token", "introspect", "device-authorization"]
UNREGISTERED = "/api/o/authorize/?response_type=code&client_id=nobody"


@pytest.fixture(scope="module")
def client(cast):
    return cast.client(**CLIENT_CREDENTIALS)


@pytest.fixture(scope="module")
def code_client(cast):
    return cast.client(**CODE)


@pytest.fixture(scope="module")
def cookies(visitor):
    visitor.log_in()
    return visitor.cookies()


@pytest.fixture
def raw(server):
    """Send bytes as they are; give the status line, the headers and the body of what comes back until the end."""

    def send(*parts):
        with socket.create_connection(server.address, timeout=30) as connection:
            for part in parts:
                connection.sendall(part)
            received = b""
            while chunk := connection.recv(65536):
                received += chunk
        head, _, body = received.partition(b"\r\n\r\n")
        return int(head.split()[1]), head.decode("latin-1"), body

    return send


def post(client, path, body, *headers):
    """A request in bytes, after which the server closes the connection."""
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Connection: close",
        f"Authorization: {basic(client.client_id, client.secret)}",
        *headers,
    ]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def assert_refused(answer: Answer, status=400, error="invalid_request"):
    assert answer.status == status, answer
    assert answer.headers.get_content_type() == "application/json"
    assert answer.json()["error"] == error
    assert answer.headers["Cache-Control"] == "no-store"


BODIES = {
    "over a megabyte": b"grant_type=client_credentials&token=" + b"x" * 1_100_000,
    "over our own limit": b"grant_type=client_credentials&token=" + b"x" * 70_000,
    "two thousand fields": b"grant_type=client_credentials&" + b"&".join(b"f%d=1" % n for n in range(2000)),
    "NUL": b"grant_type=client_credentials&token=%00",
    "NUL unescaped": b"grant_type=client_credentials&token=\0",
    "a line break": b"grant_type=client_credentials&token=a%0D%0ASet-Cookie:x",
    "a broken escape": b"grant_type=client_credentials&token=%zz",
    "half an escape": b"grant_type=client_credentials&token=%4",
    "bytes that are no UTF-8": b"grant_type=client_credentials&token=%ff%fe",
    "a surrogate": b"grant_type=client_credentials&token=%ED%A0%80",
    "unescaped bytes": b"grant_type=client_credentials&token=\xc3\xa9",
    "binary": bytes(range(256)) * 4,
    "a repeated field": b"grant_type=client_credentials&token=a&token=b&grant_type=client_credentials&scope=a&scope=b",
    "nothing": b"",
}


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_body_that_is_not_well_formed_is_refused(wire, client, endpoint, body):
    headers = {"Content_Type": FORM, "Authorization": basic(client.client_id, client.secret)}
    answer = wire.send("POST", f"/api/o/{endpoint}/", body, **headers)
    if endpoint == "device-authorization" and not body:
        assert_refused(answer, error="unauthorized_client")  # it needs no field, only another kind of client
    else:
        assert_refused(answer)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize(
    "content_type", ["application/json", "multipart/form-data; boundary=x", "text/plain", "", f"{FORM}; charset=utf-16"]
)
def test_another_content_type_is_refused(wire, client, endpoint, content_type):
    body = b'{"grant_type": "client_credentials", "token": "x"}'
    headers = {"Content_Type": content_type, "Authorization": basic(client.client_id, client.secret)}
    assert_refused(wire.send("POST", f"/api/o/{endpoint}/", body, **headers))


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("query", ["a=%zz", "a=%ff", "a=%00", "token=x", "client_secret=x", "grant_type=password"])
def test_a_query_that_is_malformed_or_holds_parameters_of_the_body_is_refused(wire, client, endpoint, query):
    form = urlencode({"grant_type": "client_credentials", "token": "x"})
    headers = {"Content_Type": FORM, "Authorization": basic(client.client_id, client.secret)}
    assert_refused(wire.send("POST", f"/api/o/{endpoint}/?{query}", form, **headers))


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
def test_another_method_is_405_in_json(wire, endpoint, method):
    answer = wire.send(method, f"/api/o/{endpoint}/?token=x")
    assert answer.status == 405
    assert answer.headers["Allow"] == "POST"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers.get_content_type() == "application/json"
    assert method == "HEAD" or answer.json()["error"] == "invalid_request"


@pytest.mark.parametrize(
    "authorization",
    ["Basic", "Basic ", "Basic !!!", "Basic " + "A" * 6000, "Basic 4444", "Basic AA==", "Basic \xe9", "Digest x", "x"],
)
def test_an_authorization_header_that_is_no_basic_one_is_a_client_that_failed(wire, authorization):
    answer = wire.send(
        "POST", "/api/o/token/", "grant_type=client_credentials", Content_Type=FORM, Authorization=authorization
    )
    assert_refused(answer, 401, "invalid_client")
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


# How the body is carried


def test_a_chunked_body_is_read_like_any_other(raw, client):
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (b"grant_type=client", b"_credentials", b""))
    status, _head, body = raw(
        post(client, "/api/o/token/", b"", f"Content-Type: {FORM}", "Transfer-Encoding: chunked"), chunks
    )
    assert status == 200
    assert json.loads(body)["token_type"] == "Bearer"


def test_a_chunked_body_over_the_limit_is_refused(raw, client):
    chunk = b"%x\r\n%s\r\n" % (40_000, b"x" * 40_000)
    request = post(client, "/api/o/token/", b"", f"Content-Type: {FORM}", "Transfer-Encoding: chunked")
    status, head, body = raw(request, chunk, chunk, b"0\r\n\r\n")
    assert status == 400
    assert json.loads(body)["error"] == "invalid_request"
    assert "Cache-Control: no-store" in head


@pytest.mark.parametrize("chunk", [b"zz\r\n", b"-5\r\n", b"5\r\nab"])
def test_a_chunked_body_that_is_broken_is_refused(raw, client, chunk):
    request = post(client, "/api/o/token/", b"", f"Content-Type: {FORM}", "Transfer-Encoding: chunked")
    with_end = chunk if chunk.endswith(b"\n") else chunk + b"\r\nzz\r\n"
    status, _head, _body = raw(request, with_end)
    assert status == 400


def test_a_body_without_a_length_counts_as_none(raw, client):
    status, head, body = raw(post(client, "/api/o/token/", b"", f"Content-Type: {FORM}"))
    assert (status, json.loads(body)["error"]) == (400, "invalid_request")
    assert "Cache-Control: no-store" in head


@pytest.mark.parametrize("length", ["-1", "ten", "1, 2", "99999999999999999999"])
def test_a_length_that_is_none_is_refused(raw, client, length):
    status, _head, _body = raw(
        post(client, "/api/o/token/", b"x=y", f"Content-Type: {FORM}", f"Content-Length: {length}")
    )
    assert status == 400


def test_two_ways_to_say_the_length_are_refused(raw, client):
    body = b"0\r\n\r\n"
    headers = (f"Content-Type: {FORM}", "Transfer-Encoding: chunked", "Content-Length: 5")
    status, _head, _body = raw(post(client, "/api/o/token/", body, *headers))
    assert status == 400


def test_a_client_that_waits_for_100_continue_gets_it(server, client):
    body = b"grant_type=client_credentials"
    headers = (f"Content-Type: {FORM}", f"Content-Length: {len(body)}", "Expect: 100-continue")
    with socket.create_connection(server.address, timeout=30) as connection:
        connection.sendall(post(client, "/api/o/token/", b"", *headers))
        assert connection.recv(65536).startswith(b"HTTP/1.1 100 ")
        connection.sendall(body)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")


# Headers and URLs


@pytest.mark.parametrize("path", ["/api/o/token/", "/api/v2/me/", "/api/login/", UNREGISTERED])
def test_a_header_is_never_taken_over_from_a_value(raw, client, path):
    status, head, _body = raw(
        post(client, path, b"", "Content-Length: 0", "X-Request-ID: a%0d%0aX-Injected: 1", "Referer: \t\x0b")
    )
    assert status < 500
    assert "X-Injected" not in head.replace("X-Request-ID", "")


@pytest.mark.parametrize("header", ["X: a\nX-Injected: 1", "X\0: a", "no colon", " : x", "A: " + "x" * 9000])
def test_a_header_that_breaks_http_is_refused(raw, client, header):
    status, head, _body = raw(post(client, "/api/o/token/", b"", "Content-Length: 0", header))
    assert 400 <= status < 500
    assert "X-Injected" not in head


@pytest.mark.parametrize("path", ["/api/o/authorize/", "/api/o/token/", "/api/v2/me/", "/my-access/"])
def test_an_overlong_url_is_refused(raw, path):
    status, _head, _body = raw(f"GET {path}?a={'x' * 9000} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    assert 400 <= status < 500


@pytest.mark.parametrize("value", ["%00", "%zz", "%ff", "%0d%0aSet-Cookie:%20a=b", "%ED%A0%80", "&" * 500, "x" * 4000])
@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "scope", "state", "response_type", "junk"])
def test_no_parameter_of_an_authorization_request_is_a_fault_of_ours(wire, code_client, cookies, value, name):
    query = f"response_type=code&client_id={code_client.client_id}".replace(f"{name}=", f"unused_{name}=")
    for cookie in ("", cookies):
        answer = wire.send("GET", f"/api/o/authorize/?{query}&{name}={value}", Cookie=cookie)
        assert answer.status in {302, 400}
        assert "a=b" not in answer.headers.get("Set-Cookie", "")


# The REST API


@pytest.mark.parametrize("path", ["applications/", "tokens/", "users/", "organizations/"])
@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"\xff\xfe",
        b"null",
        b"[]",
        b'"text"',
        b"1" * 5000,
        b'{"name": "\\u0000", "username": "\\u0000", "scope": "\\u0000", "description": "\\u0000"}',
        b'{"name": "\\ud800", "username": "\\ud800", "scope": "\\ud800", "description": "\\ud800"}',
        b'{"name": {"a": []}, "username": [], "scope": {}, "organization": {}, "application": []}',
        b'{"organization": 1e999, "application": 99999999999999999999999}',
        b'{"name": NaN, "organization": NaN}',
    ],
    ids=lambda body: repr(body[:12]),
)
def test_json_that_makes_no_sense_is_a_client_error(wire, path, body):
    login = "Basic " + base64.b64encode(f"{ADMIN}:{ADMIN_PASSWORD}".encode()).decode()
    answer = wire.send("POST", f"/api/v2/{path}", body, Authorization=login, Content_Type="application/json")
    assert 400 <= answer.status < 500, answer
    assert answer.headers.get_content_type() == "application/json"


@pytest.mark.parametrize(
    "query", ["name=%00", "name__regex=(", "id=x", "page=x", "page_size=-1", "order_by=%00", "%ff"]
)
def test_a_query_that_makes_no_sense_is_no_fault_of_ours(wire, query):
    login = "Basic " + base64.b64encode(f"{ADMIN}:{ADMIN_PASSWORD}".encode()).decode()
    for path in ("applications/", "tokens/", "users/", "organizations/", "activity_stream/"):
        answer = wire.send("GET", f"/api/v2/{path}?{query}", Authorization=login)
        assert answer.status < 500, (path, answer)
