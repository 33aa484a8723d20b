"""CORS (WHATWG Fetch §3.2; RFC 7009 §2.3): pages of registered origins of public clients, at three endpoints."""

from __future__ import annotations

import pytest

from tests.oauth import FORM

pytestmark = pytest.mark.django_db

ORIGIN = "https://app.example.com"
OPEN = ["/api/o/token/", "/api/o/revoke_token/", "/.well-known/oauth-authorization-server"]
CLOSED = [
    "/api/o/",
    "/api/o/authorize/",
    "/api/o/introspect/",
    "/api/o/device-authorization/",
    "/api/o/device/",
    "/api/v2/me/",
    "/api/v2/",
    "/api/login/",
    "/",
    "/api/o/token/x",
    "/api/o/token",
    "/x/api/o/token/",
]
GRANTS = {"access-control-allow-origin", "access-control-allow-methods", "access-control-expose-headers"}


@pytest.fixture
def spa(driver_for):
    """A single-page application's client."""
    return driver_for(client_type="public", allowed_origins=f"{ORIGIN} http://127.0.0.1:5173")


def preflight(driver, path, origin, method="POST", headers="authorization,content-type"):
    asked = {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers}
    return driver.http.options(path, headers=asked)


def granted(response) -> set[str]:
    return GRANTS & {name.lower() for name in response.headers}


@pytest.mark.rfc("7009", "2.3")
@pytest.mark.rfc("Fetch", "3.2.2")
@pytest.mark.parametrize("path", OPEN)
@pytest.mark.parametrize("origin", [ORIGIN, "http://127.0.0.1:5173"])
def test_a_preflight_from_a_registered_origin_is_granted(spa, path, origin):
    response = preflight(spa, path, origin)
    assert response.status_code == 200
    assert response["Access-Control-Allow-Origin"] == origin
    assert response["Access-Control-Allow-Methods"] == "GET, POST"
    assert response["Access-Control-Allow-Headers"] == "accept, authorization, content-type"
    assert "origin" in response["Vary"].lower()
    assert "Access-Control-Allow-Credentials" not in response


@pytest.mark.rfc("7009", "2.3")
@pytest.mark.parametrize("path", OPEN)
def test_an_answer_or_an_error_can_be_read_by_a_page_of_a_registered_origin(spa, path):
    if path.startswith("/.well-known"):
        response = spa.http.get(path, headers={"Origin": ORIGIN})
        assert response.status_code == 200
    else:
        response = spa.http.post(path, "token=x", content_type=FORM, headers={"Origin": ORIGIN})
        assert response.status_code in {400, 401}
    assert response["Access-Control-Allow-Origin"] == ORIGIN
    assert response["Access-Control-Expose-Headers"] == "WWW-Authenticate, Retry-After, X-Request-ID"
    assert "origin" in response["Vary"].lower()
    assert "Access-Control-Allow-Credentials" not in response


@pytest.mark.rfc("7009", "2.3")
def test_every_error_can_be_read(spa):
    send = {"content_type": FORM, "headers": {"Origin": ORIGIN}}
    answers = [
        spa.http.post("/api/o/token/", "a=%", **send),
        spa.http.post("/api/o/token/", "a=" + "x" * 300_000, **send),
        spa.http.post("/api/o/token/", "grant_type=x&client_id=unknown", **send),
        spa.http.get("/api/o/token/", headers={"Origin": ORIGIN}),
    ]
    assert [answer.status_code for answer in answers] == [400, 400, 401, 405]
    assert all(answer["Access-Control-Allow-Origin"] == ORIGIN for answer in answers)


@pytest.mark.rfc("Fetch", "3.2")
@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://app.example.com",
        "https://app.example.com:443",
        "https://app.example.com:8443",
        "https://APP.example.com",
        "https://app.example.com/",
        "https://app.example.com.evil.example",
        "https://sub.app.example.com",
        "https://app.example.co",
        "http://127.0.0.1:5174",
        "http://127.0.0.1",
        "null",
        "*",
        "",
        "https://app.example.com http://127.0.0.1:5173",
        "https://[",
        "\x00",
        "ü",
    ],
)
@pytest.mark.parametrize("path", OPEN)
def test_any_other_origin_is_granted_nothing(spa, path, origin):
    assert not granted(preflight(spa, path, origin))
    response = spa.http.get(path, headers={"Origin": origin})
    assert not granted(response)
    assert "origin" in response["Vary"].lower()


@pytest.mark.rfc("Fetch", "3.2")
@pytest.mark.parametrize("path", CLOSED)
def test_other_endpoints_grant_nothing_even_to_registered_origins(spa, path):
    assert not granted(preflight(spa, path, ORIGIN))
    assert not granted(spa.http.get(path, headers={"Origin": ORIGIN}))
    assert not granted(spa.http.post(path, "a=b", content_type=FORM, headers={"Origin": ORIGIN}))


@pytest.mark.rfc("Fetch", "3.2")
def test_an_origin_of_a_confidential_client_is_granted_nothing(driver_for):
    client = driver_for(allowed_origins=ORIGIN)
    assert not granted(preflight(client, "/api/o/token/", ORIGIN))


@pytest.mark.rfc("Fetch", "3.2")
def test_without_an_origin_nothing_is_said(spa):
    response = spa.http.get("/.well-known/oauth-authorization-server")
    assert not granted(response)
    assert "origin" in response["Vary"].lower()


@pytest.mark.rfc("Fetch", "3.2")
def test_an_origin_is_forgotten_with_its_client(spa):
    spa.application.delete()
    assert not granted(preflight(spa, "/api/o/token/", ORIGIN))
