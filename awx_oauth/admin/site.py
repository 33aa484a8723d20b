"""Django admin's site: who gets in, and through which door."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin import apps
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class AdminConfig(apps.AdminConfig):
    """Django admin with our site in place of its own; named in ``INSTALLED_APPS``."""

    default_site = "awx_oauth.admin.site.AdminSite"


class AdminSite(admin.AdminSite):
    """For superusers, and for system auditors, who may look at everything."""

    site_title = site_header = "awx-oauth"
    index_title = _("Administration")
    enable_nav_sidebar = False  # the lists are wide, and the few models are one click away

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether the person may come in at all; Django's ``is_staff`` says nothing here."""
        user: Any = request.user
        return bool(user.is_active and (user.is_superuser or user.is_system_auditor))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send people to the service's one login page. Raises PermissionDenied for those who are logged in already."""
        from django.contrib.auth.views import redirect_to_login  # models are not there yet when this module loads

        index = reverse("admin:index", current_app=self.name)
        if self.has_permission(request):
            return HttpResponseRedirect(index)
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get(REDIRECT_FIELD_NAME, index))

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Send people to the one page for that, too."""
        return HttpResponseRedirect(reverse("my-access-password"))
