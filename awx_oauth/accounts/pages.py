"""The page on which a person changes their own password."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from awx_oauth.accounts.forms import OwnPasswordForm


@method_decorator(never_cache, name="dispatch")
class OwnPasswordView(PasswordChangeView):
    """``/my-access/password/``. This session goes on, all others of the person end (Django's own doing)."""

    template_name = "my_access/password.html"
    form_class = OwnPasswordForm
    success_url = reverse_lazy("my-access")

    def form_valid(self, form: Any) -> HttpResponse:
        """Say that it worked."""
        messages.success(self.request, _("Your password is changed."))
        return super().form_valid(form)
