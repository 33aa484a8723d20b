"""The root URLconf. Apps above this floor are named in strings only, and state their full paths themselves."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path
from django.views.generic import TemplateView

from awx_oauth.api import ABSENT_RESOURCES, AbsentResourceView, RootView, VersionRootView
from awx_oauth.openapi import SchemaView, reference_page

urlpatterns = [
    path("", TemplateView.as_view(template_name="home.html"), name="home"),
    path("signed-out/", TemplateView.as_view(template_name="registration/logged_out.html"), name="signed-out"),
    path("api/", RootView.as_view(), name="api-root"),
    path("api/v2/", VersionRootView.as_view(), name="api-v2"),
    path("api/schema/", SchemaView.as_view(), name="api-schema"),
    path("api/docs/", reference_page, name="api-docs"),
    *(path(f"api/v2/{name}/", AbsentResourceView.as_view()) for name in ABSENT_RESOURCES),
    path("", include("tokens.urls")),
    path("", include("applications.urls")),
    path("", include("awx_oauth.accounts.urls")),
    path("", include("awx_oauth.activity.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "awx_oauth.errors.bad_request"
handler403 = "awx_oauth.errors.permission_denied"
handler404 = "awx_oauth.errors.not_found"
handler500 = "awx_oauth.errors.server_error"
