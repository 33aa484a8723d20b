"""The audit log's rows and the closed list of what they may say."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Event(models.TextChoices):
    """What can happen, named ``subject:action``. Nothing else is ever written to the log."""

    USER_CREATED = "user:created", _("user created")
    USER_CHANGED = "user:changed", _("user changed")
    USER_DELETED = "user:deleted", _("user deleted")
    USER_PASSWORD_CHANGED = "user:password_changed", _("password changed")
    LOGIN = "user:logged_in", _("logged in")
    LOGIN_FAILED = "user:login_failed", _("login failed")
    LOGOUT = "user:logged_out", _("logged out")
    ORGANIZATION_CREATED = "organization:created", _("organization created")
    ORGANIZATION_CHANGED = "organization:changed", _("organization changed")
    ORGANIZATION_DELETED = "organization:deleted", _("organization deleted")
    MEMBER_ADDED = "organization:member_added", _("member added")
    MEMBER_REMOVED = "organization:member_removed", _("member removed")
    APPLICATION_CREATED = "application:created", _("application created")
    APPLICATION_CHANGED = "application:changed", _("application changed")
    APPLICATION_DELETED = "application:deleted", _("application deleted")
    SECRET_ROTATED = "application:secret_rotated", _("client secret rotated")
    CODE_GRANTED = "code:granted", _("authorization granted")
    CODE_DENIED = "code:denied", _("authorization denied")
    CODE_REPLAYED = "code:replayed", _("authorization code replayed")
    TOKEN_ISSUED = "token:issued", _("token issued")
    TOKEN_REFUSED = "token:refused", _("token refused")
    TOKEN_REFRESHED = "token:refreshed", _("token refreshed")
    TOKEN_REPLAYED = "token:replayed", _("refresh token replayed")
    TOKEN_CHANGED = "token:changed", _("token changed")
    TOKEN_REVOKED = "token:revoked", _("token revoked")


class Activity(models.Model):
    """One thing that happened: who, through which client, from where, to what. Never a secret.

    ``object_type`` and ``object_id`` are plain values, not a relation, so that an entry outlives what it speaks of.
    """

    awx_type = "activity_stream"

    class Operation(models.TextChoices):
        """AWX's ``operation`` values."""

        CREATE = "create", _("create")
        UPDATE = "update", _("update")
        DELETE = "delete", _("delete")
        ASSOCIATE = "associate", _("associate")
        DISASSOCIATE = "disassociate", _("disassociate")

    timestamp = models.DateTimeField(_("time"), auto_now_add=True)
    event = models.CharField(_("event"), max_length=40, choices=Event.choices)
    operation = models.CharField(_("operation"), max_length=12, choices=Operation.choices, blank=True, default="")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="activity",
        db_index=False,  # activity_actor serves
        db_constraint=False,  # an entry may outlive its actor, and the log never slows or stops a write
        verbose_name=_("actor"),
    )
    actor_name = models.CharField(_("actor's name"), max_length=150, blank=True, default="")
    client_id = models.CharField(_("client ID"), max_length=255, blank=True, default="")
    object_type = models.CharField(_("object type"), max_length=40, blank=True, default="")
    object_id = models.BigIntegerField(_("object ID"), null=True, blank=True)
    object_name = models.CharField(_("object's name"), max_length=512, blank=True, default="")
    changes = models.JSONField(_("changes"), default=dict, blank=True)
    remote_address = models.GenericIPAddressField(_("remote address"), null=True, blank=True)
    request_id = models.CharField(_("request ID"), max_length=64, blank=True, default="")

    class Meta:
        verbose_name = _("activity entry")
        verbose_name_plural = _("activity entries")
        ordering = ("-id",)
        indexes: ClassVar = [
            models.Index(fields=("object_type", "object_id"), name="activity_object"),
            models.Index(fields=("timestamp",), name="activity_timestamp"),
            models.Index(fields=("client_id", "-id"), name="activity_client"),
            models.Index(fields=("actor", "-id"), name="activity_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.event} #{self.pk}"
