"""Settings of a server that gives up after two seconds where another one writes to the SQLite file for longer."""

from __future__ import annotations

from settings.test import *  # noqa: F403
from settings.test import DATABASES

DATABASES["default"]["OPTIONS"]["timeout"] = 2
