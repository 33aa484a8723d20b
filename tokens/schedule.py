"""Cleaning that happens by itself: whichever worker of whichever node comes first does it, never two at once."""

from __future__ import annotations

import logging
import random
import threading
import time
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from tokens import cleanup
from tokens.models import Housekeeping

logger = logging.getLogger(__name__)

_TASK = "cleanup"
_LOOKS = 10  # times an interval that each worker looks whether it is time
_PAUSE = 0.05  # seconds between two batches, for requests that wait


def start() -> None:
    """Begin to look in this process, in the background; gunicorn calls it in each new worker."""
    if settings.CLEANUP_INTERVAL_SECONDS:
        threading.Thread(target=_look_for_ever, name="cleanup", daemon=True).start()


def clean_if_due() -> bool:
    """Clean when the last time is an interval ago. Returns whether it was due and nobody else was faster."""
    now = timezone.now()
    Housekeeping.objects.get_or_create(task=_TASK, defaults={"due": now})
    # Later than anybody makes it: a clock was ahead when it was written, and nothing would be cleaned until then
    is_due = Q(due__lte=now) | Q(due__gt=now + 2 * _interval())
    if not Housekeeping.objects.filter(is_due, task=_TASK).update(due=_next()):
        return False

    def progress(_model: type[Any], _number: int) -> None:
        Housekeeping.objects.filter(task=_TASK).update(due=_next())  # nobody else begins while this goes on
        time.sleep(_PAUSE)

    deleted = cleanup.clean(progress)
    rows = ", ".join(f"{number} {model.__name__}" for model, number in deleted.items() if number)
    logger.info("Cleaned up: %s", rows or "nothing had ended")
    return True


def _next() -> datetime:
    return timezone.now() + _interval()


def _interval() -> timedelta:
    return timedelta(seconds=settings.CLEANUP_INTERVAL_SECONDS)


def _look_for_ever() -> None:
    while True:
        # At a moment of chance, so that workers that began together do not look together
        time.sleep(random.uniform(0.5, 1.5) * settings.CLEANUP_INTERVAL_SECONDS / _LOOKS)  # noqa: S311
        try:
            clean_if_due()
        except Exception:  # the database is away: another time
            logger.exception("Cleaning up failed.")
        finally:
            connection.close()
