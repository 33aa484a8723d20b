"""Makes what the steps consume, through the service's own functions, and on request a database that has grown.

Reads what is wanted as JSON in its argument, prints what it made as JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.db.models import Model  # noqa: E402

from applications.models import Application  # noqa: E402
from applications.services import create_application  # noqa: E402
from awx_oauth.accounts.models import Organization, User  # noqa: E402
from tokens import digests, services  # noqa: E402
from tokens.models import AccessToken, Grant, RefreshToken  # noqa: E402

SCOPE = "read write"
REDIRECT_URI = "https://client.example/callback"
_USERS = 1000


def application(grant_type: str) -> tuple[Application, str]:
    """A confidential client and its secret."""
    return create_application(
        name=grant_type,
        organization=Organization.objects.get(name="Default"),
        client_type=Application.ClientType.CONFIDENTIAL,
        authorization_grant_type=grant_type,
        redirect_uris=REDIRECT_URI,
        pkce_required=True,
    )


def copies(model: type[Model], pk: int, given: str, values: Sequence[Any], **others: str) -> None:
    """Copy a row once for each row of ``given``, SQL that takes ``values``. ``others``: SQL for what differs.

    So every column has what the service puts there, and a million rows take seconds.
    """
    columns = _columns(model)
    table = model._meta.db_table
    taken = ", ".join(others.get(column, f"source.{column}") for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {taken} FROM {table} AS source, {given} "
            "WHERE source.id = %s",
            [*values, pk],
        )


def _columns(model: type[Model]) -> list[str]:
    return [field.column for field in model._meta.concrete_fields if field.column and not field.primary_key]


def _copy_tokens(example: AccessToken, given: str, values: Sequence[Any], **others: str) -> None:
    """Copy an access token and its refresh token; ``given`` has columns ``access``, ``refresh`` and ``family``."""
    refresh = RefreshToken.objects.get(token_family=example.token_family)
    others["token_family"] = "given.family"
    copies(AccessToken, example.pk, given, values, token_checksum="given.access", **others)
    others |= {"token_checksum": "given.refresh", "access_token_checksum": "given.access"}
    copies(RefreshToken, refresh.pk, given, values, **others)


def token_pairs(example: AccessToken, number: int) -> list[tuple[str, str]]:
    """Live access tokens, each with its refresh token."""
    pairs = [(digests.generate(), digests.generate()) for _ in range(number)]
    values = [
        [digests.digest(access) for access, _refresh in pairs],
        [digests.digest(refresh) for _access, refresh in pairs],
        [str(uuid4()) for _ in pairs],
    ]
    given = "unnest(%s::text[], %s::text[], %s::uuid[]) AS given(access, refresh, family)"
    _copy_tokens(example, given, values)
    return pairs


def unspent_codes(code: str, number: int) -> list[str]:
    """Copies of an authorization code."""
    made = [digests.generate() for _ in range(number)]
    values = [[digests.digest(each) for each in made], [str(uuid4()) for _ in made]]
    given = "unnest(%s::text[], %s::uuid[]) AS given(checksum, family)"
    example = Grant.objects.get(code_checksum=digests.digest(code))
    copies(Grant, example.pk, given, values, code_checksum="given.checksum", token_family="given.family")
    return made


def grow(example: AccessToken, *, applications: int, tokens: int) -> None:
    """Fill the tables with other users' tokens of other applications."""
    series = "generate_series(1, %s) AS i"
    others = {"user_id": "source.user_id", "application_id": "source.application_id"}
    for model, column, number, names in (
        (User, "user_id", _USERS, {"username": "'user' || i"}),
        (Application, "application_id", applications, {"client_id": "'client' || i", "name": "'application ' || i"}),
    ):
        if number:
            copies(model, getattr(example, column), series, [number], **names)
            newest = model._default_manager.order_by("-pk").values_list("pk", flat=True)[:1].get()
            others[column] = f"{newest} - mod(given.i, {number})"
    given = (
        "(SELECT encode(sha256(('a' || i)::bytea), 'hex') AS access, encode(sha256(('r' || i)::bytea), 'hex') "
        "AS refresh, md5(i::text)::uuid AS family, i FROM generate_series(1, %s) AS i) AS given"
    )
    _copy_tokens(example, given, [tokens], **others)


@transaction.atomic
def make(wanted: dict[str, Any]) -> dict[str, Any]:
    """Everything, in one transaction: none of it has to be on disk alone."""
    user = User.objects.create_user(wanted["username"], password=wanted["password"])
    kinds = {
        "client_credentials": Application.GrantType.CLIENT_CREDENTIALS,
        "password": Application.GrantType.PASSWORD,
        "code": Application.GrantType.AUTHORIZATION_CODE,
    }
    clients = {name: application(kind) for name, kind in kinds.items()}
    client = clients["code"][0]
    example, _access, _refresh = services.issue_application_token(user=user, application=client, scope=SCOPE)
    code = services.grant_code(
        user=user, application=client, scope=SCOPE, redirect_uri=REDIRECT_URI, redirect_uri_given=True,
        code_challenge=wanted["code_challenge"],
    )  # fmt: skip
    if wanted["live_tokens"] or wanted["live_applications"]:
        grow(example, applications=wanted["live_applications"], tokens=wanted["live_tokens"])
    return {
        "clients": {name: (each.client_id, secret) for name, (each, secret) in clients.items()},
        "access_tokens": [access for access, _refresh in token_pairs(example, wanted["access_tokens"])],
        "refresh_tokens": [refresh for _access, refresh in token_pairs(example, wanted["refresh_tokens"])],
        "revocable_tokens": [refresh for _access, refresh in token_pairs(example, wanted["revocable_tokens"])],
        "codes": unspent_codes(code, wanted["codes"]),
        "redirect_uri": REDIRECT_URI,
    }


def main() -> None:
    """Do it."""
    call_command("bootstrap", stdout=sys.stderr)
    sys.stdout.write(json.dumps(make(json.loads(sys.argv[1]))))


if __name__ == "__main__":
    main()
