"""Forms about people. Their values go to the services, never straight to the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordMixin

from awx_oauth.accounts.models import User
from awx_oauth.accounts.services import change_user

if TYPE_CHECKING:
    UserModelForm = forms.ModelForm[User]
    UserPasswordMixin = SetPasswordMixin[User]
else:
    UserModelForm = forms.ModelForm
    UserPasswordMixin = SetPasswordMixin


class UserForm(UserPasswordMixin, UserModelForm):
    """A user as an admin edits them. The password is needed for a new one, and otherwise stays when left empty."""

    password1, password2 = SetPasswordMixin.create_password_fields()

    class Meta:
        model = User
        fields = (
            "username", "first_name", "last_name", "email", "is_active", "is_superuser", "is_system_auditor",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("password1", "password2"):
            if name in self.fields:  # not where a system auditor looks
                self.fields[name].required = self.instance.pk is None

    def clean(self) -> dict[str, Any] | None:
        """Check that both passwords are the same."""
        if self.cleaned_data.get("password1") or self.cleaned_data.get("password2"):
            self.validate_passwords()
        return super().clean()

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.cleaned_data.get("password1"):
            self.validate_password_for_user(self.instance, "password1")


class OwnPasswordForm(PasswordChangeForm):
    """A person's own new password, for which they give the old one."""

    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002 - Django's signature
        """Store it."""
        change_user(self.user, actor=self.user, password=self.cleaned_data["new_password1"])
        return self.user
