"""Refused requests in Django admin: to look through, never to touch."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.models import Application
from awx_oauth.activity.admin import ClientFilter
from awx_oauth.admin.lists import TextFilter, TimeFilter
from awx_oauth.admin.options import ReadOnlyModelAdmin
from tokens.models import Refusal


class ErrorFilter(TextFilter):
    """By OAuth's code."""

    title = gettext_lazy("error")
    parameter_name = "code"

    def queryset(self, request: Any, queryset: Any) -> Any:
        """Those with exactly this one."""
        return queryset.filter(error=self.value()) if self.value() else queryset


class RefusalAdmin(ReadOnlyModelAdmin):
    """What was refused, and why."""

    has_activity = False
    list_display = ("time", "endpoint", "error", "reason", "client_id", "remote_address", "request_id")
    list_filter = (TimeFilter, "endpoint", ErrorFilter, ClientFilter)
    search_fields = ("request_id__exact",)
    search_help_text = gettext_lazy("A request ID: the error page shows it, and each answer has it in X-Request-ID.")
    ordering = ("-id",)
    sortable_by = ()
    fields = ("time", "endpoint", "error", "status", "reason", "client_id", "remote_address", "request_id")

    @admin.display(description=gettext_lazy("time"))
    def time(self, refusal: Refusal) -> str:
        """To the second."""
        return date_format(timezone.localtime(refusal.timestamp), "Y-m-d H:i:s")


def link_to_refusals(application: Application) -> str:
    """The way to what was refused to an application."""
    parts = urlencode({"client": application.client_id})
    return format_html('<a href="{}?{}">{}</a>', reverse("admin:tokens_refusal_changelist"), parts, _("Show"))


admin.site.register(Refusal, RefusalAdmin)
