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
# Nothing installs anything later, and *.po are only what the packages' *.mo were compiled from
RUN --mount=type=bind,from=wheels,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --no-deps --root-user-action=ignore /wheels/*.whl \
    && pip uninstall --yes --root-user-action=ignore setuptools wheel pip \
    && find /usr/local/lib -name '*.po' -delete
COPY . .
# The modes, because a checkout's are those of whoever cloned it. The settings need a key, which signs nothing here
RUN chmod -R a+rX,go-w . \
    && SECRET_KEY=for-collectstatic-only ALLOWED_HOSTS=localhost DATABASE_URL=sqlite:///tmp/none \
    OAUTH2_ISSUER=https://localhost python manage.py collectstatic --no-input --verbosity 0 \
    && python -m compileall -q applications awx_oauth settings tokens

# A number, so that Kubernetes can tell that it is not root
USER 10001:10001
EXPOSE 8013
# By http.client, which no http_proxy in the environment leads astray
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import http.client, os, sys; probe = http.client.HTTPConnection('127.0.0.1', int(os.environ['PORT']), timeout=4); probe.request('GET', '/livez'); sys.exit(probe.getresponse().status != 200)"]
# Migrations are a job of their own (docker-compose.yml), never part of a start
CMD ["gunicorn", "--config", "python:awx_oauth.gunicorn"]
