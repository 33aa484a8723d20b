"""RFC 6749 §2.3, §3.2.1, §5.2: client authentication, the same at each endpoint that clients POST to."""

from __future__ import annotations

import base64

import pytest

from applications.services import rotate_secret
from tests.flows.answers import refused
from tests.flows.counting import HASHERS, counted
from tests.oauth import Driver, basic

pytestmark = pytest.mark.django_db

TOKEN = "/api/o/token/"
REQUESTS = {
    TOKEN: "grant_type=client_credentials",
    "/api/o/revoke_token/": "token=unknown",
    "/api/o/introspect/": "token=unknown",
    "/api/o/device-authorization/": "scope=read",
}


@pytest.fixture(params=REQUESTS)
def path(request):
    return request.param


@pytest.fixture
def client_of(driver_for):
    """A client that may use the endpoint."""

    def make(path: str):
        device = path == "/api/o/device-authorization/"
        grant = "urn:ietf:params:oauth:grant-type:device_code" if device else "client-credentials"
        return driver_for(authorization_grant_type=grant)

    return make


@pytest.fixture
def asking(client_of, path):
    return client_of(path)


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.rfc("6749", "2.3.1")
@pytest.mark.parametrize("auth", ["basic", "post"])
def test_client_secret_is_taken_in_the_header_and_in_the_body(asking, path, auth):
    assert asking.post(path, REQUESTS[path], auth=auth).status_code == 200


@pytest.mark.rfc("7235", "2.1")
@pytest.mark.parametrize("scheme", ["basic", "BASIC", "bAsIc"])
def test_the_scheme_is_case_insensitive(asking, path, scheme):
    header = basic(asking.application.client_id, asking.secret).replace("Basic", scheme)
    assert asking.post(path, REQUESTS[path], Authorization=header).status_code == 200


@pytest.mark.rfc("6749", "2.3.1")
def test_both_halves_of_basic_are_form_decoded(asking, path):
    client_id, secret = (
        "".join(f"%{ord(char):02x}" for char in half) for half in (asking.application.client_id, asking.secret)
    )
    header = f"Basic {encoded(f'{client_id}:{secret}')}"
    assert asking.post(path, REQUESTS[path], Authorization=header).status_code == 200


@pytest.mark.rfc("6749", "2.3.1")
def test_client_id_may_be_repeated_in_the_body(asking, path):
    body = f"{REQUESTS[path]}&client_id={asking.application.client_id}"
    assert asking.post(path, body).status_code == 200


@pytest.mark.rfc("6749", "3.2.1")
@pytest.mark.parametrize("auth", ["none", "basic"])
def test_a_public_client_is_known_by_its_name(driver_for, auth):
    client = driver_for(authorization_grant_type="password", client_type="public")
    assert client.secret == ""
    assert client.post("/api/o/revoke_token/", "token=unknown", auth=auth).status_code == 200


@pytest.mark.rfc("6749", "2.3.1")
@pytest.mark.parametrize("auth", ["post", "basic"])
def test_a_public_client_has_no_secret_that_fits(driver_for, auth):
    client = driver_for(authorization_grant_type="password", client_type="public")
    client.secret = "guess"
    refused(client.post("/api/o/revoke_token/", "token=unknown", auth=auth), "invalid_client", status=401)


@pytest.mark.rfc("6749", "5.2")
@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic YQ",
        "Basic YQ==",
        "Basic " + encoded("unknown:x"),
        "Basic " + encoded(":x"),
        "Basic " + encoded("%:x"),
        "Basic " + encoded("%ff:x"),
        "Basic " + encoded("%00:x"),
        "Basic " + encoded("\x00:x"),
        "Basic " + encoded("ü:ü"),
        "Basic /////w==",
        "Basic YTpi, Basic YTpi",
        "Basic\tYTpi",
        "Digest username=x",
        "Negotiate x",
        "x",
        "",
        "\xff",
    ],
)
def test_authorization_that_says_nothing_useful_is_invalid_client(asking, path, header):
    refused(asking.post(path, REQUESTS[path], Authorization=header), "invalid_client", status=401)
    with_client_id = f"{REQUESTS[path]}&client_id=unknown"
    refused(asking.post(path, with_client_id, Authorization="Digest x"), "invalid_client", status=401)


@pytest.mark.rfc("6749", "5.2")
def test_a_bearer_token_is_no_client_authentication(asking, path):
    refused(asking.post(path, REQUESTS[path], Authorization="Bearer x"), "invalid_client", status=401)


@pytest.mark.rfc("6749", "5.2")
def test_no_authentication_is_invalid_client(asking, path):
    refused(asking.post(path, REQUESTS[path], auth=None), "invalid_client", status=401)
    refused(asking.post(path, f"{REQUESTS[path]}&client_secret=x", auth=None), "invalid_client", status=401)
    refused(asking.post(path, f"{REQUESTS[path]}&client_id=&client_secret=", auth=None), "invalid_client", status=401)


@pytest.mark.rfc("6749", "3.2.1")
def test_a_confidential_client_must_prove_who_it_is(asking, path):
    refused(asking.post(path, REQUESTS[path], auth="none"), "invalid_client", status=401)
    asking.secret = ""
    refused(asking.post(path, REQUESTS[path], auth="basic"), "invalid_client", status=401)
    refused(asking.post(path, REQUESTS[path], auth="post"), "invalid_client", status=401)


@pytest.mark.rfc("6749", "2.3")
@pytest.mark.parametrize("secrets", [("right", "right"), ("right", "wrong"), ("wrong", "right")])
def test_two_authentications_in_one_request_are_refused(asking, path, secrets):
    header, body = (asking.secret if which == "right" else "x" for which in secrets)
    form = f"{REQUESTS[path]}&client_id={asking.application.client_id}&client_secret={body}"
    response = asking.post(path, form, Authorization=basic(asking.application.client_id, header))
    refused(response, "invalid_request")


@pytest.mark.rfc("6749", "2.3")
@pytest.mark.rfc("7521", "4.2")
def test_a_client_assertion_is_refused_and_never_ignored(asking, path):
    assertion = "&client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer&client_assertion=x.y.z"
    refused(asking.post(path, REQUESTS[path] + assertion), "invalid_request")
    refused(asking.post(path, REQUESTS[path] + assertion, auth="post"), "invalid_request")
    refused(asking.post(path, REQUESTS[path] + assertion, auth="none"), "invalid_client", status=401)
    refused(asking.post(path, REQUESTS[path] + assertion, auth=None), "invalid_client", status=401)


@pytest.mark.rfc("6749", "5.2")
def test_a_client_id_that_differs_from_the_authenticated_client_is_refused(asking, path, make_application):
    other, _secret = make_application()
    refused(asking.post(path, f"{REQUESTS[path]}&client_id={other.client_id}"), "invalid_request")


@pytest.mark.rfc("6749", "2.3.1")
@pytest.mark.parametrize("name", ["client_id", "client_secret", "client_assertion", "grant_type", "token", "scope"])
def test_credentials_and_parameters_in_the_url_are_refused(asking, path, name):
    refused(asking.post(f"{path}?{name}=x", REQUESTS[path]), "invalid_request")
    refused(
        asking.post(f"{path}?client_id={asking.application.client_id}", REQUESTS[path], auth=None), "invalid_request"
    )


@pytest.mark.rfc("6749", "10.1")
def test_an_unknown_client_and_a_wrong_secret_get_the_same_answer_for_the_same_work(settings, asking, path):
    settings.PASSWORD_HASHERS = HASHERS
    answers = []
    for client_id in (asking.application.client_id, "unknown"):
        for auth in ("basic", "post"):
            driver = Driver(asking.http, type(asking.application)(client_id=client_id), "wrong")
            counted.clear()
            response = driver.post(path, REQUESTS[path], auth=auth)
            refused(response, "invalid_client", status=401)
            answers.append((response.content, response.headers["WWW-Authenticate"], list(counted)))
    assert all(answer == answers[0] for answer in answers)
    assert answers[0][2] == ["client_sha256"]


@pytest.mark.rfc("6749", "2.3.1")
def test_a_client_cannot_pass_for_another_by_letter_case(asking, path):
    client_id = asking.application.client_id.swapcase()
    response = asking.post(path, REQUESTS[path], Authorization=basic(client_id, asking.secret))
    refused(response, "invalid_client", status=401)


@pytest.mark.rfc("6749", "10.1")
def test_a_rotated_secret_ends_the_old_one_at_once(asking, path):
    old, asking.secret = asking.secret, rotate_secret(asking.application)
    assert asking.post(path, REQUESTS[path]).status_code == 200
    asking.secret = old
    refused(asking.post(path, REQUESTS[path]), "invalid_client", status=401)
