"""Makes the tables and what the steps consume. Reads what is wanted as JSON in its argument, prints what it made."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from typing import Any

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402
from oauth2_provider import generators  # noqa: E402
from oauth2_provider.models import AccessToken, Application, Grant, RefreshToken  # noqa: E402
from oauthlib.common import generate_token  # noqa: E402

from benchmarks.peers.dot.settings import TUNED  # noqa: E402

SCOPE = "read write"
REDIRECT_URI = "https://client.example/callback"
LATER = timezone.now() + timedelta(hours=10)


def application(grant_type: str) -> tuple[Any, str]:
    """A confidential client and its secret."""
    secret = generators.generate_client_secret()
    made = Application.objects.create(
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=grant_type,
        client_secret=secret,
        hash_client_secret=not TUNED,
        redirect_uris=REDIRECT_URI,
        name=grant_type,
    )
    return made, secret


def access_tokens(client: Any, user: Any, number: int) -> list[Any]:
    """Live access tokens."""
    owned = {"user": user, "application": client, "scope": SCOPE, "expires": LATER}
    rows = [AccessToken(token=generate_token(), **owned) for _ in range(number)]
    made: list[Any] = AccessToken.objects.bulk_create(rows)
    return made


def refresh_tokens(client: Any, user: Any, number: int) -> list[str]:
    """Live refresh tokens, each with its access token."""
    owned = {"user": user, "application": client}
    made = [
        RefreshToken(token=generate_token(), access_token=token, **owned)
        for token in access_tokens(client, user, number)
    ]
    return [token.token for token in RefreshToken.objects.bulk_create(made)]


def codes(client: Any, user: Any, number: int, challenge: str) -> list[str]:
    """Unspent authorization codes."""
    made = [
        Grant(
            user=user, application=client, code=generate_token(), expires=LATER, redirect_uri=REDIRECT_URI,
            scope=SCOPE, code_challenge=challenge, code_challenge_method="S256",
        )
        for _ in range(number)
    ]  # fmt: skip
    return [grant.code for grant in Grant.objects.bulk_create(made)]


def main() -> None:
    """Do it."""
    wanted = json.loads(sys.argv[1])
    call_command("migrate", interactive=False, verbosity=0)
    user = get_user_model().objects.create_user(wanted["username"], password=wanted["password"])
    kinds = {
        "client_credentials": Application.GRANT_CLIENT_CREDENTIALS,
        "password": Application.GRANT_PASSWORD,
        "code": Application.GRANT_AUTHORIZATION_CODE,
    }
    clients = {name: application(kind) for name, kind in kinds.items()}
    client = clients["code"][0]
    made = {
        "clients": {name: (each.client_id, secret) for name, (each, secret) in clients.items()},
        "access_tokens": [token.token for token in access_tokens(client, user, wanted["access_tokens"])],
        "refresh_tokens": refresh_tokens(client, user, wanted["refresh_tokens"]),
        "revocable_tokens": refresh_tokens(client, user, wanted["revocable_tokens"]),
        "codes": codes(client, user, wanted["codes"], wanted["code_challenge"]),
        "redirect_uri": REDIRECT_URI,
    }
    sys.stdout.write(json.dumps(made))


if __name__ == "__main__":
    main()
