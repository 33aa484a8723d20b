"""What can be done to an application. Each function is one transaction and leaves one entry in the audit log."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.hashers import get_hasher, make_password
from django.db import transaction
from oauth2_provider.generators import generate_client_secret

from applications.hashers import ClientSecretHasher
from applications.models import Application
from awx_oauth import transactions
from awx_oauth.activity.models import Event
from awx_oauth.activity.services import record

_NOBODYS_SECRET = ClientSecretHasher().encode("", "nobody")
_UNLOGGED = frozenset({"id", "client_secret", "created", "updated"})


def create_application(*, actor: Any = None, **fields: Any) -> tuple[Application, str]:
    """Register a client. Returns it with its secret in cleartext, which exists nowhere else (``""`` when public).

    Raises :class:`~django.core.exceptions.ValidationError` keyed by field.
    """
    application = Application(**fields)
    application.full_clean()
    cleartext = _assign_secret(application)
    with transactions.storing(application):
        application.save(force_insert=True)
        record(
            Event.APPLICATION_CREATED,
            actor=actor,
            client_id=application.client_id,
            target=application,
            changes=_values(application),
        )
    return application, cleartext


def change_application(application: Application, *, actor: Any = None, **fields: Any) -> str:
    """Set ``fields``. Returns the new secret in cleartext when a public client became confidential, else ``""``.

    Raises :class:`~django.core.exceptions.ValidationError` keyed by field.
    """
    with transactions.storing(application):
        transactions.hold(application)
        before, was_public = _values(application), application.is_public
        for name, value in fields.items():
            setattr(application, name, value)
        cleartext = _assign_secret(application) if application.is_public != was_public else ""
        application.full_clean()
        # Only these: another request may have stored the others meanwhile
        application.save(update_fields={*fields, "client_secret", "updated"})
        after = _values(application)
        changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
        if changes:
            record(
                Event.APPLICATION_CHANGED,
                actor=actor,
                client_id=application.client_id,
                target=application,
                changes=changes,
            )
    return cleartext


def rotate_secret(application: Application, *, actor: Any = None) -> str:
    """Replace the secret of a confidential client; the old one stops working at once. Returns the new one.

    Raises :class:`ValueError` for a public client, which has none.
    """
    with transaction.atomic():
        transactions.hold(application)
        if application.is_public:
            message = "A public client has no secret."
            raise ValueError(message)
        cleartext = _assign_secret(application)
        application.save(update_fields=("client_secret", "updated"))
        record(Event.SECRET_ROTATED, actor=actor, client_id=application.client_id, target=application)
    return cleartext


def delete_application(application: Application, *, actor: Any = None) -> None:
    """Delete a client and every code and token it holds, also one that is being issued at this moment.

    Raises ``Application.DoesNotExist`` when somebody else was faster.
    """

    def delete() -> None:
        # Locked before all that it holds: nothing new can be stored for it while the rest is on its way out
        transactions.hold(application, to_delete=True)
        record(
            Event.APPLICATION_DELETED,
            actor=actor,
            client_id=application.client_id,
            target=application,
            changes=_values(application),
        )
        Application.objects.filter(pk=application.pk).delete()

    transactions.run(delete)


def verify_secret(application: Application | None, cleartext: str) -> bool:
    """Whether ``cleartext`` is the client's secret. An unknown client costs as much time as a wrong secret."""
    stored = application.client_secret if application is not None else ""
    fits: bool = get_hasher(ClientSecretHasher.algorithm).verify(cleartext, stored or _NOBODYS_SECRET)
    return bool(stored) and fits


def _assign_secret(application: Application) -> str:
    if application.is_public:
        application.client_secret = ""
        return ""
    cleartext: str = generate_client_secret()
    application.client_secret = make_password(cleartext, hasher=ClientSecretHasher.algorithm)
    return cleartext


def _values(application: Application) -> dict[str, Any]:
    """The fields that the audit log shows, by name."""
    concrete = application._meta.concrete_fields
    return {field.name: field.value_from_object(application) for field in concrete if field.name not in _UNLOGGED}
