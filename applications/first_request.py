"""The next step after registering a client: a request that gets its first token, ready to paste into a shell."""

from __future__ import annotations

import secrets
import shlex
from base64 import urlsafe_b64encode
from hashlib import sha256
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from applications.models import Application


def first_request(application: Application, *, secret: str, base_url: str) -> str:
    """Shell lines for the application's grant type, with its secret in them where it has one."""
    lines = {
        Application.GrantType.AUTHORIZATION_CODE: _authorization_code,
        Application.GrantType.PASSWORD: _password,
        Application.GrantType.CLIENT_CREDENTIALS: _client_credentials,
        Application.GrantType.DEVICE_CODE: _device_code,
    }
    grant_type = Application.GrantType(application.authorization_grant_type)
    return lines[grant_type](application, secret, base_url.rstrip("/") + "/api/o/")


def _curl(application: Application, secret: str, url: str, **parameters: str) -> str:
    if application.is_public:  # RFC 6749 §3.2.1: a public client only says who it is
        parameters["client_id"] = application.client_id
        command = ["curl"]
    else:
        command = ["curl", "-u", f"{application.client_id}:{secret}"]
    for name, value in parameters.items():
        command += ["--data-urlencode", f"{name}={value}"]
    return shlex.join([*command, url])


def _client_credentials(application: Application, secret: str, base: str) -> str:
    return _curl(application, secret, base + "token/", grant_type="client_credentials", scope="read")


def _password(application: Application, secret: str, base: str) -> str:
    parameters = {"grant_type": "password", "username": "USERNAME", "password": "PASSWORD", "scope": "read"}
    return _curl(application, secret, base + "token/", **parameters)


def _device_code(application: Application, secret: str, base: str) -> str:
    return _curl(application, secret, base + "device-authorization/", scope="read")


def _authorization_code(application: Application, secret: str, base: str) -> str:
    # RFC 9700 §2.1.1: PKCE is right for every client, so the example has it also where it may be left out
    verifier = secrets.token_urlsafe(32)
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    redirect_uri = application.redirect_uris.split()[0]
    question = {
        "response_type": "code",
        "client_id": application.client_id,
        "redirect_uri": redirect_uri,
        "scope": "read",
        "state": secrets.token_urlsafe(8),
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    answer = {
        "grant_type": "authorization_code",
        "code": "CODE",
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
    }
    return "\n".join(
        [
            "# " + _("Open this address in a browser; the code is in the address that it leads to."),
            f"{base}authorize/?{urlencode(question)}",
            "# " + _("Put the code in place of CODE within a minute."),
            _curl(application, secret, base + "token/", **answer),
        ]
    )
