"""Request bodies: JSON objects only, with AWX's sentences for what is none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from django.utils.translation import gettext as _
from rest_framework import parsers
from rest_framework.exceptions import ParseError


class JSONParser(parsers.JSONParser):
    """An empty body is an empty object (AWX). Raises :class:`ParseError` (400) for anything but an object."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """The object in the body."""
        encoding = (parser_context or {}).get("encoding", "utf-8")
        try:
            text = stream.read().decode(encoding)
            if not text:
                return {}
            value = json.loads(text, parse_constant=_refuse_constant)
            if "\\ud" in text.lower():
                # Half a character, written as an escape, is no text that could be stored or sent (RFC 8259 §8.2)
                json.dumps(value, ensure_ascii=False).encode()
        except ValueError as error:  # that of JSON and those of Unicode are such
            message = _("JSON parse error - %(error)s\nPossible cause: trailing comma.")
            raise ParseError(message % {"error": error}) from error
        except RecursionError as error:
            raise ParseError(_("JSON parse error - nested too deeply")) from error
        if not isinstance(value, dict):
            raise ParseError(_("JSON parse error - not a JSON object"))
        return value


def _refuse_constant(name: str) -> NoReturn:
    message = f"{name} is not JSON"  # RFC 8259 §6
    raise ValueError(message)
