"""Pages of a list as AWX cuts them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

if TYPE_CHECKING:
    from rest_framework.views import APIView  # it imports this module


_DEEP = 1000  # rows that may be skipped together with all that belongs to them


class _Paginator(Paginator):  # type: ignore[type-arg]
    """Reaches the last page as fast as the first: a database makes each row that it skips."""

    def page(self, number: int | str) -> Any:
        """One page; of a far one, the primary keys first, from the nearer end."""
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        rows = self.object_list
        if first < _DEEP or not isinstance(rows, QuerySet):
            return super().page(number)
        last = min(first + self.per_page, self.count)
        if first < self.count // 2:
            keys = list(rows.values_list("pk", flat=True)[first:last])
        else:
            keys = list(rows.reverse().values_list("pk", flat=True)[self.count - last : self.count - first])[::-1]
        found = {row.pk: row for row in rows.filter(pk__in=keys)}
        return Page([found[key] for key in keys if key in found], number, self)


class _UncountedPaginator(Paginator):  # type: ignore[type-arg]
    """AWX's ``count_disabled``: one page, as long as a page may be, and no COUNT query."""

    count = 200
    num_pages = 1


class Pagination(PageNumberPagination):
    """``page`` and ``page_size`` (25, at most 200); links without host; ``count_disabled`` leaves the counting out."""

    page_size = 25
    page_size_query_param = "page_size"
    max_page_size = 200

    page: Any
    request: Any

    def paginate_queryset(
        self, queryset: QuerySet[Any] | Sequence[Any], request: Request, view: APIView | None = None
    ) -> list[Any] | None:
        """The rows of the page that is asked for. Raises :class:`NotFound` when there is no such page."""
        self.is_counted = "count_disabled" not in request.query_params
        self.django_paginator_class = _Paginator if self.is_counted else _UncountedPaginator
        return super().paginate_queryset(queryset, request, view)

    def get_paginated_response(self, data: Sequence[Any]) -> Response:
        """AWX's envelope, or the bare results when nothing was counted."""
        return super().get_paginated_response(data) if self.is_counted else Response({"results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The same, told beforehand."""
        link = {"type": "string", "format": "uri-reference", "nullable": True}
        return {
            "type": "object",
            "description": "One page. With `count_disabled` in the query there are `results` alone.",
            "required": ["results"],
            "properties": {
                "count": {"type": "integer", "description": "Of all pages together.", "example": 1},
                "next": {**link, "description": "The next page.", "example": None},
                "previous": {**link, "description": "The page before.", "example": None},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """What a query may say about pages."""
        page_size = {"type": "integer", "minimum": 1, "maximum": self.max_page_size, "default": self.page_size}
        return [
            _parameter("page", "Which page, from 1.", {"type": "integer", "minimum": 1, "default": 1}),
            _parameter("page_size", "Rows on a page.", page_size),
            _parameter("count_disabled", "Leaves the counting out, if it is there at all.", {"type": "string"}),
        ]

    def get_next_link(self) -> str | None:
        """The next page's path and query."""
        return self._link(self.page.next_page_number()) if self.page.has_next() else None

    def get_previous_link(self) -> str | None:
        """The previous page's path and query."""
        return self._link(self.page.previous_page_number()) if self.page.has_previous() else None

    def _link(self, number: int) -> str:
        link = self.request.get_full_path()  # host-less: awxkit follows paths that begin with /api/ only
        if self.page_size_query_param in self.request.query_params:
            link = replace_query_param(link, self.page_size_query_param, str(self.page.paginator.per_page))
        return replace_query_param(link, self.page_query_param, str(number))


def _parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}
