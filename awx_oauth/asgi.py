"""The ASGI application, for teams that already run an ASGI server; gunicorn serves ``awx_oauth.wsgi``."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.production")

application = get_asgi_application()
