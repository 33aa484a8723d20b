"""People and the organizations they belong to, as AWX knows them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import AbstractUser
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from awx_oauth.accounts.signals import password_changed


class Organization(models.Model):
    """What applications belong to; its admins manage them (AWX)."""

    awx_type = "organization"

    name = models.CharField(_("name"), max_length=512, unique=True)
    description = models.TextField(_("description"), blank=True, default="")
    created = models.DateTimeField(_("created"), auto_now_add=True)
    modified = models.DateTimeField(_("modified"), auto_now=True)
    members = models.ManyToManyField(
        "accounts.User", through="accounts.Membership", related_name="organizations", verbose_name=_("members")
    )

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """A resource owner. ``is_system_auditor`` reads everything and changes nothing (AWX)."""

    awx_type = "user"

    is_system_auditor = models.BooleanField(
        _("system auditor"), default=False, help_text=_("May read everything and change nothing.")
    )
    created = models.DateTimeField(_("created"), auto_now_add=True)
    modified = models.DateTimeField(_("modified"), auto_now=True)

    class Meta(AbstractUser.Meta):
        ordering = ("username",)

    def check_password(self, raw_password: str | None) -> bool:
        """Whether it is theirs; if so it is hashed anew where the stored hash is of an old kind.

        Django's own would also store the old password over one that was set while it hashed.
        """

        def store(proven: str) -> None:
            anew = make_password(proven)
            if User.objects.filter(pk=self.pk, password=self.password).update(password=anew):
                self.password = anew

        return check_password(raw_password, self.password, store)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the user, and tell when the password is another one, whoever set it (REST, admin, command)."""
        is_password_set = self._password is not None and not self._state.adding  # type: ignore[attr-defined]
        with transaction.atomic():
            super().save(*args, **kwargs)
            if is_password_set:
                password_changed.send(sender=type(self), user=self)


class Membership(models.Model):
    """One role of one user in one organization. An admin counts as a member too (AWX); an auditor does not."""

    class Role(models.TextChoices):
        """AWX's organization roles, by the name of the list that shows them."""

        MEMBER = "member", _("member")
        ADMIN = "admin", _("admin")
        AUDITOR = "auditor", _("auditor")

    MEMBERS: ClassVar[tuple[str, ...]] = (Role.MEMBER, Role.ADMIN)

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=16, choices=Role.choices, default=Role.MEMBER)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ("organization", "user", "role")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("organization", "user", "role"), name="accounts_membership_unique")
        ]

    def __str__(self) -> str:
        return f"{self.user} - {self.get_role_display()} - {self.organization}"
