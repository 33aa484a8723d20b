"""What cannot serve does not start, and says why in one line, also under an ASGI server."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from awx_oauth.startup import start
from settings import base
from tests.servers import ROOT


@pytest.fixture
def manifest_storage(settings, tmp_path):
    settings.STORAGES = base.STORAGES
    settings.STATIC_ROOT = tmp_path
    return tmp_path


def test_without_collected_static_files_there_is_no_start(manifest_storage):
    with pytest.raises(SystemExit, match=r"Run 'manage\.py collectstatic' first"):
        start(lambda: "the application")


def test_with_collected_static_files_there_is(manifest_storage):
    (manifest_storage / "staticfiles.json").write_text('{"version": "1.1", "paths": {}, "hash": ""}')
    assert start(lambda: "the application") == "the application"


@pytest.mark.parametrize("module", ["awx_oauth.wsgi", "awx_oauth.asgi"])
def test_a_missing_setting_is_one_line(module):
    done = subprocess.run(
        [sys.executable, "-c", f"import {module}"],
        cwd=ROOT, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("Configuration error: Set SECRET_KEY ")
    assert done.stderr.count("\n") == 1


def test_a_worker_does_not_load_what_only_documents_and_tests_need():
    code = "import sys, awx_oauth.wsgi; print({'drf_spectacular.plumbing', 'django.test', 'unittest'} & {*sys.modules})"
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "settings.test"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
