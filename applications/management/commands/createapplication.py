"""``manage.py createapplication``: registers a client and prints its secret once. Replaces the library's command."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.utils import OperationalError, ProgrammingError

from applications.first_request import first_request
from applications.models import Application
from applications.services import create_application
from awx_oauth.accounts.models import Organization
from settings import env

_FIELDS = ("name", "description", "client_type", "authorization_grant_type", "redirect_uris", "allowed_origins",
           "pkce_required", "skip_authorization")  # fmt: skip


class Command(BaseCommand):
    """Ends with an error and one clear reason when the application cannot be registered."""

    help = "Register an OAuth client. Its secret is printed once and stored hashed."

    def add_arguments(self, parser: CommandParser) -> None:
        """What an application may be given."""
        parser.add_argument("client_type", choices=Application.ClientType.values, help="who can keep a secret")
        parser.add_argument(
            "authorization_grant_type", choices=Application.GrantType.values, help="how it gets its tokens"
        )
        parser.add_argument("--name", required=True, help="unique within the organization")
        parser.add_argument("--description", default="")
        parser.add_argument("--organization", default="Default", help='the name of its organization ("Default")')
        parser.add_argument("--redirect-uris", default="", metavar="'URI URI'", help="separated by spaces")
        parser.add_argument(
            "--allowed-origins",
            default="",
            metavar="'ORIGIN ORIGIN'",
            help="web origins whose pages may ask for tokens, for public clients, separated by spaces",
        )
        parser.add_argument("--pkce-required", action="store_true", help="refuse authorization requests without PKCE")
        parser.add_argument("--skip-authorization", action="store_true", help="do not ask people for their consent")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Register and print."""
        try:
            organization = _organization(options["organization"])
            fields = {name: options[name] for name in _FIELDS}
            application, secret = create_application(organization=organization, **fields)
        except ValidationError as error:
            raise CommandError(_reasons(error)) from error
        except (OperationalError, ProgrammingError) as error:
            reason = str(error).strip().splitlines()[0]
            raise CommandError(f"The database is not ready ({reason}): run manage.py bootstrap first.") from error
        if options["json"]:
            self.stdout.write(json.dumps(_as_object(application, secret), indent=2, ensure_ascii=False))
        else:
            self.stdout.write(_as_text(application, secret))


def _organization(name: str) -> Organization:
    organization = Organization.objects.filter(name=name).first()
    if organization is not None:
        return organization
    known = ", ".join(f'"{known}"' for known in Organization.objects.values_list("name", flat=True)[:10])
    remedy = f"Some that exist: {known}." if known else 'manage.py bootstrap creates the organization "Default".'
    raise CommandError(f'There is no organization "{name}". {remedy}')


def _reasons(error: ValidationError) -> str:
    """Each message, behind the option that it is about."""
    reasons = []
    for field, messages in error.message_dict.items():
        where = "" if field == NON_FIELD_ERRORS else f"{field.replace('_', '-')}: "
        reasons += [f"{where}{message}" for message in messages]
    return "\n".join(reasons)


def _as_object(application: Application, secret: str) -> dict[str, Any]:
    values = {"id": application.pk, "client_id": application.client_id}
    if secret:
        values["client_secret"] = secret
    values |= {name: getattr(application, name) for name in _FIELDS}
    return {**values, "organization": application.organization.name}


def _as_text(application: Application, secret: str) -> str:
    address = settings.OAUTH2_ISSUER or f"http://{env.string('HOST', '127.0.0.1')}:{env.integer('PORT', 8013)}"
    lines = [f'Registered "{application.name}" in the organization "{application.organization}".', ""]
    lines.append(f"  client_id:     {application.client_id}")
    if secret:
        lines.append(f"  client_secret: {secret}")
        lines += ["", "The secret is stored hashed and cannot be shown again."]
    lines += ["", "Get the first token:", "", first_request(application, secret=secret, base_url=address)]
    return "\n".join(lines)
