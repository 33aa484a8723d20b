"""OAuth clients (RFC 6749 §2) as AWX knows them."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import AbstractApplication

from applications import redirect_uris
from awx_oauth.accounts.models import Organization


class Application(AbstractApplication):
    """A client. It has one grant type; refresh comes with the code, password and device grants.

    A public client has no secret. A confidential one has a generated secret, stored hashed: whoever may set a secret
    may also set one that looks like a hash, so nobody sets one.
    """

    awx_type = "o_auth2_application"
    objects: ClassVar[models.Manager[Application]] = models.Manager()

    class ClientType(models.TextChoices):
        """RFC 6749 §2.1."""

        CONFIDENTIAL = AbstractApplication.CLIENT_CONFIDENTIAL, _("Confidential")
        PUBLIC = AbstractApplication.CLIENT_PUBLIC, _("Public")

    class GrantType(models.TextChoices):
        """AWX's two, client credentials (RFC 6749 §4.4) and the device grant (RFC 8628). No implicit grant."""

        AUTHORIZATION_CODE = AbstractApplication.GRANT_AUTHORIZATION_CODE, _("Authorization code")
        PASSWORD = AbstractApplication.GRANT_PASSWORD, _("Resource owner password-based")
        CLIENT_CREDENTIALS = AbstractApplication.GRANT_CLIENT_CREDENTIALS, _("Client credentials")
        DEVICE_CODE = AbstractApplication.GRANT_DEVICE_CODE, _("Device code")

    # What we do not offer has no column: OpenID Connect, logout by the client, self-registration
    user = None
    post_logout_redirect_uris = None
    hash_client_secret = None
    algorithm = None
    registration_source = None
    cimd_expires_at = None

    name = models.CharField(_("name"), max_length=255)
    description = models.TextField(_("description"), blank=True, default="")
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="applications", verbose_name=_("organization")
    )
    client_type = models.CharField(_("client type"), max_length=32, choices=ClientType.choices)
    authorization_grant_type = models.CharField(_("grant type"), max_length=44, choices=GrantType.choices)
    client_secret = models.CharField(_("client secret"), max_length=255, blank=True, default="", editable=False)
    redirect_uris = models.TextField(
        _("redirect URIs"), blank=True, default="", help_text=_("Absolute URIs, separated by spaces.")
    )
    pkce_required = models.BooleanField(
        _("PKCE required"),
        default=False,
        help_text=_("Refuse authorization requests without a code challenge. Public clients always need one."),
    )
    resource_server = models.BooleanField(
        _("resource server"), default=False, help_text=_("May introspect the tokens of every client.")
    )

    class Meta(AbstractApplication.Meta):
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        ordering = ("organization", "name")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("name", "organization"),
                name="applications_name_unique",
                violation_error_message=_("Application with this Name and Organization already exists."),
            ),
            models.CheckConstraint(
                condition=models.Q(client_type="confidential") | models.Q(client_secret=""),
                name="applications_public_no_secret",
            ),
        ]

    @property
    def is_public(self) -> bool:
        """RFC 6749 §2.1: a client that cannot keep a secret."""
        return self.client_type == self.ClientType.PUBLIC

    @property
    def requires_pkce(self) -> bool:
        """RFC 9700 §2.1.1: always for public clients."""
        return self.is_public or self.pkce_required

    def allows_redirect_uri(self, uri: str) -> bool:
        """Whether an authorization request may name ``uri``."""
        return any(redirect_uris.matches(registered, uri) for registered in self.redirect_uris.split())

    def allows_origin(self, origin: str) -> bool:
        """Whether a browser page from ``origin`` may call the token and revocation endpoints as this client."""
        return self.is_public and origin in self.allowed_origins.split()

    def get_allowed_schemes(self) -> list[str]:
        """The schemes that a redirect of this client may go to: those of its registered URIs."""
        return sorted({urlsplit(uri).scheme.lower() for uri in self.redirect_uris.split()})

    def clean(self) -> None:
        """Check what concerns more than one field.

        Raises :class:`~django.core.exceptions.ValidationError` keyed by field, or by ``NON_FIELD_ERRORS`` where AWX's
        clients read the first message of ``__all__``.
        """
        problems: dict[str, list[Any]] = {}
        uris = self.redirect_uris.split()
        if not uris and self.authorization_grant_type == self.GrantType.AUTHORIZATION_CODE:
            problems.setdefault(NON_FIELD_ERRORS, []).append(
                _("redirect_uris cannot be empty with grant_type authorization-code")
            )
        errors = [error for uri in uris if (error := redirect_uris.registration_error(uri))]
        if errors:
            problems["redirect_uris"] = errors
        wrong = [origin for origin in self.allowed_origins.split() if not _is_origin(origin)]
        if wrong:
            message = _("%(origin)s is not an origin such as https://app.example.com.")
            problems["allowed_origins"] = [message % {"origin": origin} for origin in wrong]
        if self.is_public and self.authorization_grant_type == self.GrantType.CLIENT_CREDENTIALS:
            problems["client_type"] = [_("A public client cannot use client credentials (RFC 6749 §4.4).")]
        if self.is_public and self.resource_server:
            problems["resource_server"] = [_("A public client cannot prove who it is, so it cannot introspect.")]
        if problems:
            raise ValidationError(problems)


def _is_origin(origin: str) -> bool:
    """RFC 6454 §6.2: scheme, host and port, nothing else; plain http on loopback only."""
    try:
        parts = urlsplit(origin)
        parts.port  # noqa: B018  # raises ValueError when it is no port
    except ValueError:
        return False
    if parts.scheme == "http" and parts.hostname not in redirect_uris.LOOPBACK_HOSTS:
        return False
    if parts.scheme not in {"http", "https"} or "@" in parts.netloc or not redirect_uris.is_host(parts.hostname):
        return False
    return origin == f"{parts.scheme}://{parts.netloc}".lower()
