"""What every answer of the protocol must look like, whatever it says."""

from __future__ import annotations

import re
from typing import Any

from tests.oauth import answer_in

_DESCRIPTION = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]+")  # RFC 6749 §5.2
_CODE = re.compile(r"[a-z_]+")
ISSUER = "http://testserver"


def refused(response: Any, error: str, *, status: int = 400) -> None:
    """RFC 6749 §5.2: the registered error as JSON that nobody stores."""
    assert response.status_code == status, response.content
    content = response.json()
    assert content["error"] == error, content
    assert content.keys() <= {"error", "error_description"}
    assert _DESCRIPTION.fullmatch(content.get("error_description", "-"))
    _is_uncached_json(response)
    assert ("WWW-Authenticate" in response) == (status == 401)
    if status == 401:
        assert response["WWW-Authenticate"].startswith("Basic realm=")


def issued(response: Any) -> dict[str, Any]:
    """RFC 6749 §5.1: the members of a token response."""
    assert response.status_code == 200, response.content
    _is_uncached_json(response)
    content: dict[str, Any] = response.json()
    assert content.keys() <= {"access_token", "token_type", "expires_in", "refresh_token", "scope"}
    assert content["token_type"] == "Bearer"
    assert isinstance(content["expires_in"], int)
    return content


def inactive(response: Any) -> bool:
    """RFC 7662 §2.2: nothing is said of a token that is not active."""
    assert response.status_code == 200, response.content
    _is_uncached_json(response)
    assert "active" in response.json()
    return bool(response.json() == {"active": False})


def sent_back(response: Any, redirect_uri: str = "https://client.example/callback") -> dict[str, str]:
    """RFC 6749 §4.1.2, RFC 9207 §2: the answer that a redirect carries to the client, less our ``iss``."""
    assert response.status_code == 302, (response.status_code, response.content)
    location = response["Location"]
    assert location.startswith(redirect_uri), location
    assert "#" not in location
    _is_uncached(response)
    answer = answer_in(location)
    assert answer.pop("iss") == ISSUER
    if "error" in answer:
        assert "code" not in answer
        assert _CODE.fullmatch(answer["error"])
        assert _DESCRIPTION.fullmatch(answer.get("error_description", "-"))
    return answer


def sent_back_error(response: Any, **state: str) -> str:
    """The ``error`` of the redirect, whose ``state`` must be that given, or absent."""
    answer = sent_back(response)
    error = answer.pop("error")
    answer.pop("error_description", None)
    assert answer == state
    return error


def shown(response: Any, *, status: int = 200) -> str:
    """A page for the person, which no cache stores and no other site frames."""
    assert response.status_code == status, (response.status_code, response.headers)
    assert "Location" not in response
    assert response["Content-Type"].startswith("text/html")
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "DENY"
    _is_uncached(response)
    html: str = response.content.decode()
    return html


def _is_uncached_json(response: Any) -> None:
    assert response["Content-Type"] == "application/json"
    assert response["Pragma"] == "no-cache"
    _is_uncached(response)


def _is_uncached(response: Any) -> None:
    assert "no-store" in response["Cache-Control"]
