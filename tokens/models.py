"""What was granted: authorization codes, access and refresh tokens, device codes. Only digests, never a value."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import (
    AbstractAccessToken,
    AbstractDeviceGrant,
    AbstractGrant,
    AbstractIDToken,
    AbstractRefreshToken,
)

from applications.models import Application


def _found_by(checksum: str, *, name: str) -> models.UniqueConstraint:
    """A checksum is unique by constraint: ``unique=True`` would add a second index on PostgreSQL, for LIKE."""
    return models.UniqueConstraint(fields=(checksum,), name=name)


class Grant(AbstractGrant):
    """An authorization code (RFC 6749 §4.1.2). A spent one stays, so that its replay is seen."""

    objects: ClassVar[models.Manager[Grant]] = models.Manager()

    # Not offered, so not stored: OpenID Connect's nonce and claims, RFC 8707's resource; S256 is the only PKCE method
    code = None
    nonce = None
    claims = None
    resource = None
    code_challenge_method = None

    code_checksum = models.CharField(_("code checksum"), max_length=64)
    redirect_uri_given = models.BooleanField(
        _("redirect URI given"),
        help_text=_("Whether the authorization request named it; the token request must then repeat it."),
    )
    token_family = models.UUIDField(_("token family"), default=uuid.uuid4, editable=False)
    used = models.DateTimeField(_("used"), null=True, blank=True)

    class Meta(AbstractGrant.Meta):
        verbose_name = _("authorization code")
        verbose_name_plural = _("authorization codes")
        constraints: ClassVar = [_found_by("code_checksum", name="tokens_grant_checksum")]
        indexes: ClassVar = [models.Index(fields=("expires",), name="tokens_grant_expires")]


class AccessToken(AbstractAccessToken):
    """An access token. Without an application it is a personal access token (AWX).

    ``token_family`` joins it to the refresh token it came with: whoever ends one ends the other.
    """

    awx_type = "o_auth2_access_token"
    objects: ClassVar[models.Manager[AccessToken]] = models.Manager()

    token = None  # the value itself: only token_checksum is kept
    source_refresh_token = None  # token_family says it
    id_token = None
    resource = None

    token_checksum = models.CharField(_("token checksum"), max_length=64)
    description = models.TextField(_("description"), blank=True, default="")
    token_family = models.UUIDField(_("token family"), null=True, blank=True, editable=False)
    last_used = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)

    class Meta(AbstractAccessToken.Meta):
        verbose_name = _("access token")
        verbose_name_plural = _("access tokens")
        ordering = ("id",)
        constraints: ClassVar = [_found_by("token_checksum", name="tokens_access_checksum")]
        indexes: ClassVar = [
            models.Index(fields=("token_family",), name="tokens_access_family"),
            models.Index(fields=("expires",), name="tokens_access_expires"),
        ]

    @property
    def is_personal(self) -> bool:
        """Whether a person made it for their own use, without a client."""
        return self.application_id is None

    def logged_values(self) -> dict[str, Any]:
        """What the audit log shows of a token, as AWX names and masks it."""
        return {
            "id": self.pk,
            "token": "************",
            "description": self.description,
            "application": self.application_id,
            "scope": self.scope,
        }


class RefreshToken(AbstractRefreshToken):
    """A refresh token. Rotation revokes it and adds the next one of its family; a revoked one shows its replay.

    ``scope`` is what the resource owner granted: narrowing an access token does not narrow it (RFC 6749 §6).
    """

    awx_type = "o_auth2_refresh_token"
    objects: ClassVar[models.Manager[RefreshToken]] = models.Manager()

    token = None
    access_token = None  # token_family says it
    resource = None

    token_checksum = models.CharField(_("token checksum"), max_length=64)
    token_family = models.UUIDField(_("token family"), default=uuid.uuid4, editable=False)
    # A rotated access token is gone; this still leads its client's revocation to the family
    access_token_checksum = models.CharField(_("access token checksum"), max_length=64, editable=False)
    scope = models.TextField(_("scope"), blank=True, default="")
    expires = models.DateTimeField(_("expires"))

    class Meta:
        verbose_name = _("refresh token")
        verbose_name_plural = _("refresh tokens")
        ordering = ("id",)
        constraints: ClassVar = [_found_by("token_checksum", name="tokens_refresh_checksum")]
        indexes: ClassVar = [
            models.Index(fields=("token_family",), name="tokens_refresh_family"),
            models.Index(fields=("access_token_checksum",), name="tokens_refresh_access"),
            models.Index(fields=("expires",), name="tokens_refresh_expires"),
        ]

    @property
    def is_live(self) -> bool:
        """Neither revoked, rotated nor expired."""
        return self.revoked is None and timezone.now() < self.expires


class IDToken(AbstractIDToken):
    """Always empty: the library wants the model, OpenID Connect is not offered."""


class DeviceGrant(AbstractDeviceGrant):
    """A device code (RFC 8628 §3.2) and what the person said to it."""

    objects: ClassVar[models.Manager[DeviceGrant]] = models.Manager()

    client_id = None
    device_code = None
    last_checked = None

    application = models.ForeignKey(Application, models.CASCADE, verbose_name=_("application"))
    device_code_checksum = models.CharField(_("device code checksum"), max_length=64, unique=True)
    user_code = models.CharField(_("user code"), max_length=16, unique=True)
    token_family = models.UUIDField(_("token family"), default=uuid.uuid4, editable=False)
    last_polled = models.DateTimeField(_("last polled"), null=True, blank=True)
    used = models.DateTimeField(_("used"), null=True, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, verbose_name=_("user"), related_name="+"
    )

    class Meta:
        verbose_name = _("device code")
        verbose_name_plural = _("device codes")
        indexes: ClassVar = [models.Index(fields=("expires",), name="tokens_device_expires")]

    def __str__(self) -> str:
        return f"DeviceGrant #{self.pk}"


class Refusal(models.Model):
    """A protocol request that was refused, with the reason that its caller was not told. Never a secret.

    ``client_id`` is that of a client that exists; what else a caller may have put there is not kept.
    """

    class Endpoint(models.TextChoices):
        """The last part of its path under ``/api/o/``."""

        AUTHORIZE = "authorize", "authorize"
        TOKEN = "token", "token"
        REVOKE_TOKEN = "revoke_token", "revoke_token"
        INTROSPECT = "introspect", "introspect"
        DEVICE_AUTHORIZATION = "device-authorization", "device-authorization"
        DEVICE = "device", "device"

    objects: ClassVar[models.Manager[Refusal]] = models.Manager()

    timestamp = models.DateTimeField(_("time"), auto_now_add=True)
    request_id = models.CharField(_("request ID"), max_length=64)
    endpoint = models.CharField(_("endpoint"), max_length=24, choices=Endpoint.choices)
    client_id = models.CharField(_("client ID"), max_length=255, blank=True, default="")
    error = models.CharField(_("error"), max_length=40)
    status = models.PositiveSmallIntegerField(_("status"))
    reason = models.TextField(_("reason"), blank=True, default="")
    remote_address = models.GenericIPAddressField(_("remote address"), null=True, blank=True)

    class Meta:
        verbose_name = _("refused request")
        verbose_name_plural = _("refused requests")
        ordering = ("-id",)
        indexes: ClassVar = [
            models.Index(fields=("request_id",), name="tokens_refusal_request"),
            models.Index(fields=("timestamp",), name="tokens_refusal_timestamp"),
            models.Index(fields=("client_id", "-id"), name="tokens_refusal_client"),
        ]

    def __str__(self) -> str:
        return f"{self.error} #{self.pk}"


class Housekeeping(models.Model):
    """When a task that one node at a time does is due; whoever moves ``due`` on does it."""

    objects: ClassVar[models.Manager[Housekeeping]] = models.Manager()

    task = models.CharField(_("task"), max_length=40, primary_key=True)
    due = models.DateTimeField(_("due"))

    class Meta:
        verbose_name = _("housekeeping")
        verbose_name_plural = _("housekeeping")

    def __str__(self) -> str:
        return self.task
