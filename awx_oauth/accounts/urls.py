"""Routes: sessions, a person's own password, users and organizations."""

from __future__ import annotations

from django.urls import path

from awx_oauth.accounts import views
from awx_oauth.accounts.pages import OwnPasswordView
from awx_oauth.accounts.session import LoginView, LogoutView

urlpatterns = [
    path("api/login/", LoginView.as_view(), name="login"),
    path("api/logout/", LogoutView.as_view(), name="logout"),
    path("my-access/password/", OwnPasswordView.as_view(), name="my-access-password"),
    path("api/v2/me/", views.MeView.as_view(), name="me"),
    path("api/v2/users/", views.UserListView.as_view(), name="user-list"),
    path("api/v2/users/<str:pk>/", views.UserDetailView.as_view(), name="user-detail"),
    path("api/v2/users/<str:pk>/activity_stream/", views.UserActivityListView.as_view(), name="user-activity-list"),
    path("api/v2/organizations/", views.OrganizationListView.as_view(), name="organization-list"),
    path("api/v2/organizations/<str:pk>/", views.OrganizationDetailView.as_view(), name="organization-detail"),
    path(
        "api/v2/organizations/<str:pk>/users/",
        views.OrganizationMemberListView.as_view(),
        name="organization-user-list",
    ),
    path(
        "api/v2/organizations/<str:pk>/admins/",
        views.OrganizationAdminListView.as_view(),
        name="organization-admin-list",
    ),
    path(
        "api/v2/organizations/<str:pk>/auditors/",
        views.OrganizationAuditorListView.as_view(),
        name="organization-auditor-list",
    ),
]
