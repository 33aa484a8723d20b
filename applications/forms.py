"""An application as an admin edits it. The values go to the services, never straight to the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.models import Application

if TYPE_CHECKING:
    ApplicationModelForm = forms.ModelForm[Application]
else:
    ApplicationModelForm = forms.ModelForm


class ApplicationForm(ApplicationModelForm):
    """Everything but the client ID and the secret, which are generated."""

    class Meta:
        model = Application
        fields = (
            "name", "description", "organization", "client_type", "authorization_grant_type", "redirect_uris",
            "allowed_origins", "pkce_required", "skip_authorization", "resource_server",
        )  # fmt: skip
        help_texts: ClassVar = {
            "allowed_origins": _(
                "Origins such as https://app.example.com whose pages may ask for tokens as this public client, "
                "separated by spaces."
            ),
            "skip_authorization": _("Do not ask people for their consent."),
        }
        widgets: ClassVar = {
            "description": forms.Textarea(attrs={"rows": 2, "cols": 80}),
            "redirect_uris": forms.Textarea(attrs={"rows": 3, "cols": 80, "spellcheck": "false"}),
            "allowed_origins": forms.Textarea(attrs={"rows": 2, "cols": 80, "spellcheck": "false"}),
        }
