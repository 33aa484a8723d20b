"""The ground floor: what every app of the service stands on."""

from __future__ import annotations

__version__ = "0.1.0"
