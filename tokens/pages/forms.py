"""The form for a personal access token."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from tokens import scopes

_DAYS = (7, 30, 90)
_LONGEST = "longest"


class PersonalTokenForm(forms.Form):
    """What a person says about the token they want."""

    description = forms.CharField(
        label=_("What is it for?"),
        max_length=200,
        help_text=_("For example the script or the machine that will use it."),
    )
    scope = forms.ChoiceField(label=_("What may it do?"), initial=scopes.READ, widget=forms.RadioSelect)
    lifetime = forms.ChoiceField(label=_("How long does it work?"), initial="30", widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scope"].choices = list(scopes.known().items())  # type: ignore[attr-defined]
        self.fields["lifetime"].choices = list(_lifetimes())  # type: ignore[attr-defined]

    def expires(self) -> datetime | None:
        """When the token shall end; ``None`` for as late as may be."""
        lifetime = self.cleaned_data["lifetime"]
        return None if lifetime == _LONGEST else timezone.now() + timedelta(days=int(lifetime))


def _lifetimes() -> Any:
    longest = timedelta(seconds=settings.PERSONAL_ACCESS_TOKEN_EXPIRE_SECONDS)
    for days in _DAYS:
        if timedelta(days=days) < longest:
            yield str(days), ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
    until = date_format(timezone.now() + longest, "DATE_FORMAT")
    yield _LONGEST, _("As long as possible, until %(date)s") % {"date": until}
