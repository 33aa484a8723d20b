"""The views that every resource's own are made of."""

from __future__ import annotations

import platform
import time
from contextlib import suppress
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import Model, QuerySet
from django.http import Http404
from rest_framework import exceptions, generics, mixins, status, views
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import SAFE_METHODS, AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from awx_oauth.rest import named_urls, visibility
from awx_oauth.rest.lookups import SEARCHED_FIELDS
from awx_oauth.rest.permissions import Rules


class View(views.APIView):
    """Any view of the API: tells in its headers what AWX tells."""

    def initialize_request(self, request: Any, *args: Any, **kwargs: Any) -> Request:
        """Begin to measure the time."""
        self._started = time.perf_counter()
        return super().initialize_request(request, *args, **kwargs)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Response:
        """Add AWX's headers."""
        finished: Response = super().finalize_response(request, response, *args, **kwargs)
        headers = finished.headers
        headers.setdefault("Cache-Control", "no-store")  # private, and sometimes a token's only appearance
        headers["X-API-Product-Name"] = "AWX"  # AWX compatibility: the collection warns about any other
        headers["X-API-Node"] = platform.node()
        headers["X-API-Time"] = headers["X-API-Total-Time"] = f"{time.perf_counter() - self._started:.3f}s"
        user = getattr(request, "_user", None)  # not request.user, which would authenticate after a failure to
        if user is not None and user.is_authenticated:
            headers["X-API-Product-Version"] = "24.6.1"  # AWX compatibility: clients compare the major version
            if isinstance(request.successful_authenticator, SessionAuthentication):
                headers["Session-Timeout"] = str(settings.SESSION_COOKIE_AGE)
        return finished


class PublicView(View):
    """Answers anyone. Wrong credentials count as none, for awxkit sends what it has before it knows what it is for."""

    permission_classes = (AllowAny,)

    def perform_authentication(self, request: Request) -> None:
        """Authenticate whom we can."""
        with suppress(exceptions.AuthenticationFailed):
            super().perform_authentication(request)


class ResourceView(View, generics.GenericAPIView[Any]):
    """Rows of one model, as far as the caller may read them; other rows do not exist for the caller."""

    model: ClassVar[type[Model]]
    rules: ClassVar[Rules] = Rules()

    def check_permissions(self, request: Request) -> None:
        """The project's own first (who is logged in, what their token reaches), then whose rows these are."""
        super().check_permissions(request)
        self.find_parent(request)
        if request.method == "POST" and "POST" in self.allowed_methods and not self.may_add(request):
            self.permission_denied(request)

    def find_parent(self, request: Request) -> None:
        """Nothing to find, unless the rows belong to one of another model."""

    def may_add(self, request: Request) -> bool:
        """Whether the caller may POST here."""
        return self.rules.may_add(request)

    def check_object_permissions(self, request: Request, obj: Any) -> None:
        """Whether the caller may change or delete this row, which they may read. Raises :class:`PermissionDenied`."""
        super().check_object_permissions(request, obj)
        if request.method in SAFE_METHODS:
            return
        may = self.rules.may_delete if request.method == "DELETE" else self.rules.may_change
        if not may(request, obj):
            self.permission_denied(request)

    def get_queryset(self) -> QuerySet[Any]:
        """Every row that the caller may read; subclasses add what showing them needs."""
        return visibility.readable(self.model, self.request.user)

    def get_object(self) -> Any:
        """The row that the URL names by id or by name. Raises :class:`Http404`."""
        target = self._find(self.get_queryset(), self.kwargs["pk"])
        self.check_object_permissions(self.request, target)
        return target

    def handle_exception(self, exc: Exception) -> Response:
        """A row that was asked for by name is not admitted to exist by a refusal (AWX)."""
        # A missing scope (it has a challenge) says nothing about the row
        forbidden = isinstance(exc, exceptions.PermissionDenied) and not hasattr(exc, "auth_header")
        if forbidden and self.request.user.is_authenticated and named_urls.is_name(self.kwargs.get("pk", "0")):
            exc = exceptions.NotFound()
        return super().handle_exception(exc)

    @staticmethod
    def _find(rows: QuerySet[Any], identity: str) -> Any:
        condition = named_urls.condition(rows.model, identity)
        target = rows.filter(condition).first() if condition is not None else None
        if target is None:
            raise Http404
        return target


class ListView(ResourceView, mixins.ListModelMixin):
    """A list."""

    @property
    def search_fields(self) -> list[str]:
        """What ``search`` looks at: those of AWX's name fields that the model has."""
        present = {field.name for field in self.model._meta.fields}
        return [name for name in SEARCHED_FIELDS if name in present]

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List, a page at a time."""
        return self.list(request, *args, **kwargs)


class ListCreateView(ListView, mixins.CreateModelMixin):
    """A list that can be added to."""

    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Add a row."""
        return self.create(request, *args, **kwargs)


class SublistView(ListView):
    """What belongs to one row of ``parent_model``, which the caller must be able to read."""

    parent_model: ClassVar[type[Model]]

    def find_parent(self, request: Request) -> None:
        """Raises :class:`Http404` when there is none to see."""
        self.parent = self._find(visibility.readable(self.parent_model, request.user), self.kwargs["pk"])


class SublistCreateView(SublistView, mixins.CreateModelMixin):
    """A sublist that can be added to; the parent goes into the field ``parent_key``, whatever the body says (AWX)."""

    parent_key: ClassVar[str]

    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Add a row to the parent."""
        serializer = self.get_serializer(data={**dict(request.data), self.parent_key: self.parent.pk})
        serializer.is_valid(raise_exception=True)
        self.perform_create(serializer)
        headers = self.get_success_headers(serializer.data)
        return Response(serializer.data, status=status.HTTP_201_CREATED, headers=headers)


class DetailView(ResourceView, mixins.RetrieveModelMixin, mixins.UpdateModelMixin, mixins.DestroyModelMixin):
    """One row: read, change, delete."""

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Show the row."""
        return self.retrieve(request, *args, **kwargs)

    def put(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Set every field."""
        return self.update(request, *args, **kwargs)

    def patch(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Set some fields."""
        return self.partial_update(request, *args, **kwargs)

    def delete(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Delete the row."""
        return self.destroy(request, *args, **kwargs)
