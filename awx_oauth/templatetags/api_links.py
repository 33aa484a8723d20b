"""Makes links of the addresses in what the API answers."""

from __future__ import annotations

import re
from typing import Any

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# A whole JSON string that is a path of the API; Django's own filter knows addresses with a host only
_PATH = re.compile(r'(?<=")(/(?:api|\.well-known)/[^"\s\\<>]*)(?=")')


@register.filter
def link_paths(value: Any) -> SafeString:
    """Escape ``value``, and link the API's paths in it."""
    pieces = _PATH.split(str(value))  # text and paths in turn
    linked = (
        format_html('<a href="{0}">{0}</a>', piece) if index % 2 else conditional_escape(piece)
        for index, piece in enumerate(pieces)
    )
    return mark_safe("".join(linked))  # noqa: S308 - each piece is escaped
