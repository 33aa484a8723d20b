"""The ASGI application, for teams that already run an ASGI server; gunicorn serves ``awx_oauth.wsgi``."""

from __future__ import annotations

from django.core.asgi import get_asgi_application

from awx_oauth.startup import start

application = start(get_asgi_application)
