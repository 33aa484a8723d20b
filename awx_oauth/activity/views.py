"""REST: the audit log, whole or about one object."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.generics import RetrieveAPIView

from awx_oauth.activity.models import Activity
from awx_oauth.activity.serializers import ActivitySerializer
from awx_oauth.rest.views import ListView, ResourceView, SublistView


class ActivityListView(ListView):
    """What happened, the latest first."""

    model = Activity
    serializer_class = ActivitySerializer

    def get_queryset(self) -> QuerySet[Activity]:
        """With who did it."""
        return super().get_queryset().select_related("actor")

    def get_view_name(self) -> str:
        """AWX's title."""
        return _("Activity Stream")


class ActivityDetailView(ResourceView, RetrieveAPIView[Activity]):
    """One entry. Nobody changes or deletes one."""

    model = Activity
    serializer_class = ActivitySerializer

    def get_queryset(self) -> QuerySet[Activity]:
        """With who did it."""
        return super().get_queryset().select_related("actor")


class ObjectActivityListView(SublistView, ActivityListView):
    """What happened to one object; subclasses say of which model."""

    def get_queryset(self) -> QuerySet[Activity]:
        """Entries about the parent."""
        return super().get_queryset().filter(object_type=self.parent.awx_type, object_id=self.parent.pk)
