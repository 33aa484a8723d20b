"""Makes the secret key of a development checkout, once."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.core.management.utils import get_random_secret_key


def kept_in(path: Path) -> str:
    """The key in ``path``, written there at the first call, readable by its owner only.

    Processes that start together get the same key: a link is made whole or not at all, and only by the first.
    """
    if not path.exists():
        with NamedTemporaryFile("w", dir=path.parent, prefix=path.name) as file:  # mode 0600
            file.write(get_random_secret_key())
            file.flush()
            with suppress(FileExistsError):
                os.link(file.name, path)
    return path.read_text(encoding="ascii")
