# Builds the wheels apart, so that the image has neither a compiler nor pip's cache.
ARG PYTHON=3.11-slim-bookworm

FROM docker.io/library/python:${PYTHON} AS wheels
WORKDIR /wheels
COPY requirements.txt .
RUN pip wheel --no-cache-dir --require-hashes --wheel-dir . --requirement requirements.txt

FROM docker.io/library/python:${PYTHON}
ENV DJANGO_SETTINGS_MODULE=settings.production \
    HOST=0.0.0.0 \
    PORT=8013 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /app
RUN --mount=type=bind,from=wheels,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --no-deps /wheels/*.whl \
    && pip uninstall --yes pip
COPY . .
# Needs settings but no secret: this key signs nothing and is in no later layer
RUN SECRET_KEY=for-collectstatic-only ALLOWED_HOSTS=localhost DATABASE_URL=sqlite:///tmp/none \
    OAUTH2_ISSUER=https://localhost python manage.py collectstatic --no-input --verbosity 0 \
    && python -m compileall -q applications awx_oauth settings tokens

# A number, so that Kubernetes can tell that it is not root
USER 10001:10001
EXPOSE 8013
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/livez', timeout=4)"]
# Migrations are a job of their own (docker-compose.yml), never part of a start
CMD ["gunicorn", "--config", "python:awx_oauth.gunicorn"]
