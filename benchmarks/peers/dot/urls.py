"""The library's endpoints, and one view that a bearer token opens."""

from __future__ import annotations

from django.urls import include, path
from oauth2_provider.contrib.rest_framework import TokenHasScope
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


class MeView(APIView):
    """Who the bearer is."""

    permission_classes = (IsAuthenticated, TokenHasScope)
    required_scopes = ("read",)

    def get(self, request: Request) -> Response:
        """The user's name."""
        return Response({"username": request.user.get_username()})


urlpatterns = [
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
    path("me/", MeView.as_view()),
]
