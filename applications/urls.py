"""Routes: applications."""

from __future__ import annotations

from django.urls import path

from applications import views

urlpatterns = [
    path("api/v2/applications/", views.ApplicationListView.as_view(), name="application-list"),
    path("api/v2/applications/<str:pk>/", views.ApplicationDetailView.as_view(), name="application-detail"),
    path(
        "api/v2/applications/<str:pk>/activity_stream/",
        views.ApplicationActivityListView.as_view(),
        name="application-activity-list",
    ),
    path(
        "api/v2/organizations/<str:pk>/applications/",
        views.OrganizationApplicationListView.as_view(),
        name="organization-application-list",
    ),
    path(
        "api/v2/users/<str:pk>/applications/",
        views.UserApplicationListView.as_view(),
        name="user-application-list",
    ),
]
