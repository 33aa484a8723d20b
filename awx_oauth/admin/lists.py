"""Lists that stay fast however many rows there are: nothing here counts or offers more than somebody would look at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import Field, IntegerField, Model, QuerySet, Subquery
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    AnyPaginator = Paginator[Any]
else:
    AnyPaginator = Paginator

_COUNTED_ROWS = 10_000  # the last page of a list ends here; whoever looks for older rows filters
_COUNTED_RELATED = 1000  # of what belongs to one row of a list
_LISTED_CHOICES = 100  # in a filter at the side of a list


class AtLeast(int):
    """A count that was not finished: shown as ``10000+``."""

    def __str__(self) -> str:
        return f"{int(self)}+"


class BoundedPaginator(AnyPaginator):
    """Pages through the first rows of a list."""

    @cached_property
    def count(self) -> int:
        """How many rows there are, or that there are more than are worth counting."""
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]
        found = rows.order_by().values("pk")[: _COUNTED_ROWS + 1].count()
        return AtLeast(_COUNTED_ROWS) if found > _COUNTED_ROWS else found


class BoundedCount(Subquery):
    """How many rows of a queryset belong to one row of another; give the result to :func:`shown_count`."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS bounded)"
    output_field: Field[Any, Any] = IntegerField()

    def __init__(self, queryset: QuerySet[Any]) -> None:
        super().__init__(queryset.order_by().values("pk")[: _COUNTED_RELATED + 1])


def shown_count(count: int) -> int:
    """What to show for a :class:`BoundedCount`."""
    return AtLeast(_COUNTED_RELATED) if count > _COUNTED_RELATED else count


class FewRelatedFilter(admin.RelatedOnlyFieldListFilter):
    """A filter by a related object, as long as there are few enough to list; search finds the others."""

    def has_output(self) -> bool:
        """Whether the filter is shown."""
        return super().has_output() and len(self.lookup_choices) <= _LISTED_CHOICES


class TextFilter(admin.SimpleListFilter):
    """A filter in which a person types the value, where a list of all of them would be too long."""

    template = "admin/text_filter.html"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, str]]:
        """Nothing to choose from."""
        return []

    def has_output(self) -> bool:
        """Always shown."""
        return True

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """What the template needs: the value, and the rest of the query, which a form would else forget."""
        given: dict[str, list[str]] = changelist.filter_params
        others = [(name, value) for name, values in given.items() if name != self.parameter_name for value in values]
        yield {"name": self.parameter_name, "value": self.value() or "", "others": others}


class TimeFilter(admin.SimpleListFilter):
    """How long ago something happened, by the indexed field that ``field`` names."""

    title = _("time")
    parameter_name = "within"
    field = "timestamp"
    spans: ClassVar[dict[str, Any]] = {
        "hour": (_("Past hour"), timedelta(hours=1)),
        "day": (_("Past 24 hours"), timedelta(days=1)),
        "week": (_("Past 7 days"), timedelta(days=7)),
        "month": (_("Past 30 days"), timedelta(days=30)),
    }

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, Any]]:
        """The spans."""
        return [(name, label) for name, (label, _span) in self.spans.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        """Rows since then."""
        span = self.spans.get(self.value() or "")
        return queryset.filter(**{f"{self.field}__gte": timezone.now() - span[1]}) if span else queryset
