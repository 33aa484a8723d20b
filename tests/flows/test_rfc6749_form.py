"""RFC 6749 §3.2, §5.2, Appendix B: what each POST endpoint makes of the form itself, before it asks who sent it."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.flows.answers import refused
from tests.flows.test_rfc6749_client import REQUESTS
from tests.oauth import FORM, basic

pytestmark = pytest.mark.django_db


@pytest.fixture(params=REQUESTS)
def path(request):
    return request.param


@pytest.fixture
def asking(driver_for, path):
    device = path == "/api/o/device-authorization/"
    grant = "urn:ietf:params:oauth:grant-type:device_code" if device else "client-credentials"
    return driver_for(authorization_grant_type=grant)


def send(driver, path, body, content_type=FORM, **environ):
    header = basic(driver.application.client_id, driver.secret)
    return driver.http.generic(
        "POST", path, body, content_type=content_type, headers={"Authorization": header}, **environ
    )


@pytest.mark.rfc("6749", "3.2")
@pytest.mark.parametrize("method", ["get", "head", "put", "patch", "delete", "options", "trace"])
def test_only_post_is_allowed(asking, path, method):
    response = getattr(asking.http, method)(path)
    assert response["Allow"] == "POST"
    if method == "head":
        assert (response.status_code, response.content) == (405, b"")
    else:
        refused(response, "invalid_request", status=405)


@pytest.mark.rfc("6749", "5.2")
def test_an_unheard_of_method_cannot_break_the_description(asking, path):
    refused(asking.http.generic('B"\\R', path), "invalid_request", status=405)


@pytest.mark.rfc("6749", "3.2")
@pytest.mark.parametrize(
    "content_type",
    [
        FORM,
        "application/x-www-form-urlencoded;charset=UTF-8",
        'application/x-www-form-urlencoded; charset="utf-8"',
        "APPLICATION/X-WWW-FORM-URLENCODED",
    ],
)
def test_a_form_is_a_form_however_it_is_labelled(asking, path, content_type):
    assert send(asking, path, REQUESTS[path], content_type).status_code == 200


@pytest.mark.rfc("6749", "4.4.2")
@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "application/json",
        "text/plain",
        "multipart/form-data; boundary=x",
        "multipart/form-data",
        "application/x-www-form-urlencoded; charset=iso-8859-1",
        "application/x-www-form-urlencoded; charset=unheard-of",
        "application/x-www-form-urlencoded-not",
        "\xff",
    ],
)
def test_any_other_content_type_is_refused(asking, path, content_type):
    refused(send(asking, path, REQUESTS[path], content_type), "invalid_request")


@pytest.mark.rfc("6749", "3.2")
def test_a_json_body_and_a_multipart_body_are_refused(asking, path):
    refused(send(asking, path, '{"grant_type": "client_credentials"}', "application/json"), "invalid_request")
    header = basic(asking.application.client_id, asking.secret)
    refused(asking.http.post(path, {"token": "x"}, headers={"Authorization": header}), "invalid_request")


@pytest.mark.rfc("6749", "B")
@pytest.mark.parametrize(
    "bad", ["%", "%zz", "%4", "%ff", "%C3", "%ED%A0%80", "%00", "%0D%0A", "%1b", "\xff\xfe", "\x00", "ü"]
)
@pytest.mark.parametrize("name", ["scope", "token", "unheard_of", "%ff"])
def test_malformed_encoding_is_invalid_request(asking, path, bad, name):
    refused(send(asking, path, f"{REQUESTS[path]}&{name}={bad}".encode("latin-1")), "invalid_request")


@pytest.mark.rfc("6749", "3.2")
@pytest.mark.parametrize("query", ["a=%", "%zz", "a=%ff", "a=%00", "a=\xff"])
def test_a_malformed_query_is_invalid_request(asking, path, query):
    refused(send(asking, path, REQUESTS[path], QUERY_STRING=query), "invalid_request")


@pytest.mark.rfc("6749", "3.2")
@pytest.mark.parametrize("query", ["unheard_of=1", "a=1&a=2", "junk", "&"])
def test_unrecognized_parameters_in_the_query_are_ignored(asking, path, query):
    assert send(asking, path, REQUESTS[path], QUERY_STRING=query).status_code == 200


@pytest.mark.rfc("6749", "3.2")
@pytest.mark.parametrize(
    "extra", ["unheard_of=1", "junk", "junk=", "&&", "resource=a&resource=b", "state=x", "nonce=x"]
)
def test_unrecognized_parameters_in_the_body_are_ignored(asking, path, extra):
    assert send(asking, path, f"{REQUESTS[path]}&{extra}").status_code == 200


@pytest.mark.rfc("6749", "3.2")
def test_names_of_the_librarys_own_attributes_are_ignored(asking, path):
    extra = "&".join(f"{name}=1" for name in ("client", "user", "scopes", "_params", "http_method", "uri", "headers"))
    assert send(asking, path, f"{REQUESTS[path]}&{extra}&validator_log=x&grant=x&spent=x").status_code == 200


@pytest.mark.rfc("6749", "3.2")
@pytest.mark.parametrize(
    "name",
    [
        *("grant_type", "scope", "client_id", "client_secret", "code", "redirect_uri", "code_verifier", "username"),
        *("password", "refresh_token", "token", "token_type_hint", "device_code", "unheard_of", '"\\é'),
    ],
)
def test_a_repeated_parameter_is_invalid_request(asking, path, name):
    body = f"{REQUESTS[path]}&{quote(name)}=a&{quote(name)}=a"
    refused(send(asking, path, body), "invalid_request")


@pytest.mark.rfc("6749", "5.2")
def test_too_many_parameters_are_invalid_request(asking, path):
    body = "&".join(f"a{number}=1" for number in range(2000))
    refused(send(asking, path, f"{REQUESTS[path]}&{body}"), "invalid_request")


@pytest.mark.rfc("6749", "5.2")
@pytest.mark.parametrize("size", [70_000, 1_000_000])
def test_a_body_that_is_too_large_is_invalid_request(asking, path, size):
    refused(send(asking, path, f"{REQUESTS[path]}&a=" + "x" * size), "invalid_request")


@pytest.mark.rfc("6749", "5.2")
@pytest.mark.parametrize("length", ["", "abc", "-1"])
def test_a_content_length_that_is_no_number_is_no_server_error(asking, path, length):
    response = send(asking, path, REQUESTS[path], CONTENT_LENGTH=length)
    assert response.status_code in {200, 400}


@pytest.mark.rfc("6749", "5.2")
def test_binary_garbage_is_invalid_request(asking, path):
    refused(send(asking, path, bytes(range(256))), "invalid_request")


@pytest.mark.rfc("6749", "5.2")
@pytest.mark.parametrize("language", ["de", "ja", "xx"])
def test_errors_are_in_ascii_whatever_the_language(asking, path, language):
    response = asking.http.post(path, "", content_type=FORM, headers={"Accept-Language": language})
    assert response.content.isascii()
