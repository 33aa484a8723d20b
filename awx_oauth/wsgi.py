"""The WSGI application that gunicorn serves."""

from __future__ import annotations

from django.core.wsgi import get_wsgi_application

from awx_oauth.startup import start

application = start(get_wsgi_application)
