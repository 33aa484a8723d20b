"""Routes: the audit log."""

from __future__ import annotations

from django.urls import path

from awx_oauth.activity.views import ActivityDetailView, ActivityListView

urlpatterns = [
    path("api/v2/activity_stream/", ActivityListView.as_view(), name="activity-list"),
    path("api/v2/activity_stream/<str:pk>/", ActivityDetailView.as_view(), name="activity-detail"),
]
