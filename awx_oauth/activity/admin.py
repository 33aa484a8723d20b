"""The audit log in Django admin: to look through, never to touch."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from awx_oauth.activity.models import Activity
from awx_oauth.admin.lists import TextFilter, TimeFilter
from awx_oauth.admin.options import ReadOnlyModelAdmin


class ActorFilter(TextFilter):
    """By the exact user name of who did it, also of a user who is gone."""

    title = _("actor")
    parameter_name = "by"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Through the index on the user where there still is one."""
        name = self.value()
        if not name:
            return queryset
        user = get_user_model().objects.filter(username=name).only("pk").first()
        return queryset.filter(actor=user) if user else queryset.filter(actor_name=name)


class ClientFilter(TextFilter):
    """By the exact client ID."""

    title = _("client ID")
    parameter_name = "client"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Through the index."""
        return queryset.filter(client_id=self.value()) if self.value() else queryset


@admin.register(Activity)
class ActivityAdmin(ReadOnlyModelAdmin):
    """What happened."""

    has_activity = False
    list_display = ("time", "event", "actor_name", "object_type", "object_name", "client_id", "remote_address")
    list_filter = (TimeFilter, "event", ActorFilter, ClientFilter)
    # The whole value or its start, in its own case: looking for any part of it folds the case of the whole table
    search_fields = (
        "actor_name__startswith",
        "object_name__startswith",
        "remote_address__startswith",
        "client_id__exact",
        "request_id__exact",
    )
    search_help_text = _("A request ID or client ID, or the beginning of an actor's or object's name or of an address.")
    ordering = ("-id",)
    sortable_by = ()
    fields = ("time", "event", "operation", "actor", "actor_name", "client_id", "object_type", "object_id",
              "object_name", "changes_in_full", "remote_address", "request_id")  # fmt: skip

    @admin.display(description=_("time"))
    def time(self, entry: Activity) -> str:
        """To the second, as the order of things may matter."""
        return date_format(timezone.localtime(entry.timestamp), "Y-m-d H:i:s")

    @admin.display(description=_("changes"))
    def changes_in_full(self, entry: Activity) -> str:
        """The changes, indented."""
        return format_html("<pre>{}</pre>", json.dumps(entry.changes, indent=2, ensure_ascii=False))
