"""Routes: My access."""

from __future__ import annotations

from django.urls import path

from tokens.pages import views

urlpatterns = [
    path("my-access/", views.MyAccessView.as_view(), name="my-access"),
    path("my-access/activity/", views.ActivityView.as_view(), name="my-access-activity"),
    path("my-access/tokens/new/", views.NewTokenView.as_view(), name="my-access-new-token"),
    path("my-access/tokens/<int:pk>/revoke/", views.RevokeTokenView.as_view(), name="my-access-revoke-token"),
    path(
        "my-access/applications/<int:pk>/revoke/",
        views.RevokeApplicationView.as_view(),
        name="my-access-revoke-application",
    ),
]
