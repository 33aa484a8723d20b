"""Routes: the REST API of tokens."""

from __future__ import annotations

from django.urls import path

from tokens import views

urlpatterns = [
    path("api/v2/tokens/", views.TokenListView.as_view(), name="token-list"),
    path("api/v2/tokens/<str:pk>/", views.TokenDetailView.as_view(), name="token-detail"),
    path("api/v2/tokens/<str:pk>/activity_stream/", views.TokenActivityListView.as_view(), name="token-activity-list"),
    path(
        "api/v2/applications/<str:pk>/tokens/", views.ApplicationTokenListView.as_view(), name="application-token-list"
    ),
    path("api/v2/users/<str:pk>/tokens/", views.UserTokenListView.as_view(), name="user-token-list"),
    path(
        "api/v2/users/<str:pk>/personal_tokens/",
        views.UserPersonalTokenListView.as_view(),
        name="user-personal-token-list",
    ),
    path(
        "api/v2/users/<str:pk>/authorized_tokens/",
        views.UserAuthorizedTokenListView.as_view(),
        name="user-authorized-token-list",
    ),
]
