"""The image and the compose file keep what they promise, as far as that shows without a container engine."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tomllib

import pytest
import yaml

from settings import services
from tests.servers import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE_TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE = yaml.safe_load(COMPOSE_TEXT)
EXAMPLE = dict(re.findall(r"^([A-Z0-9_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))
OURS = ("migrate", "web")
OF_COMPOSE_ITSELF = {"COMPOSE_PROFILES"}


def healthcheck(port):
    """Run the image's HEALTHCHECK."""
    [arguments] = re.findall(r"^HEALTHCHECK .*\\\n\s+CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)
    python, *rest = json.loads(arguments)
    assert python == "python"
    environment = {"PORT": str(port), "http_proxy": "http://127.0.0.1:9"}
    return subprocess.run([sys.executable, *rest], env=environment, capture_output=True, check=False).returncode


def test_the_healthcheck_passes_while_the_service_answers(server):
    assert healthcheck(server.address[1]) == 0


def test_the_healthcheck_fails_when_nobody_answers():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert healthcheck(port) != 0


def test_the_image_runs_as_a_numeric_user_that_is_not_root():
    last_stage = DOCKERFILE.rpartition("\nFROM ")[2]
    [user] = re.findall(r"^USER (.*)$", last_stage, re.MULTILINE)
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)


def test_the_image_holds_every_package_of_the_service_and_no_other():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = set(project["tool"]["importlinter"]["root_packages"])
    let_in = set(re.findall(r"^!(\w+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
    assert let_in - {"LICENSE"} == packages


def test_every_variable_of_the_compose_file_is_in_the_example():
    assert set(re.findall(r"\$\{(\w+)", COMPOSE_TEXT)) <= EXAMPLE.keys()


def test_every_variable_in_the_example_is_read_by_somebody():
    sources = [ROOT / "docker-compose.yml", *(ROOT / "settings").glob("*.py"), *(ROOT / "awx_oauth").rglob("*.py")]
    read = set(re.findall(r"[A-Z][A-Z0-9_]+", "".join(source.read_text() for source in sources)))
    assert EXAMPLE.keys() <= read | OF_COMPOSE_ITSELF


def test_no_secret_is_in_the_environment_of_a_container():
    given = [*EXAMPLE, *(key for service in COMPOSE["services"].values() for key in service.get("environment", {}))]
    secrets = [key for key in given if re.search("SECRET|PASSWORD|DATABASE_URL", key)]
    assert secrets
    assert [key for key in secrets if not key.endswith("_FILE")] == []


@pytest.mark.parametrize("name", [*OURS, "postgres"])
def test_every_secret_that_a_service_reads_is_mounted_in_it(name):
    service = COMPOSE["services"][name]
    read = {value for key, value in service["environment"].items() if key.endswith("_FILE")}
    assert read == {f"/run/secrets/{secret}" for secret in service["secrets"]}


@pytest.mark.parametrize("name", [*OURS, "proxy"])
def test_a_container_that_is_broken_into_keeps_nothing(name):
    service = COMPOSE["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_the_web_can_have_replicas():
    web = COMPOSE["services"]["web"]
    assert "container_name" not in web
    assert web["ports"] == ["127.0.0.1:${PORT-8013}:8013"]  # PORT= gives each a port of its own


def test_gunicorn_may_finish_before_the_container_is_killed():
    from awx_oauth import gunicorn

    assert int(COMPOSE["services"]["web"]["stop_grace_period"].removesuffix("s")) > gunicorn.graceful_timeout


def test_only_the_web_reaches_both_the_proxy_and_the_database():
    networks = {name: set(service["networks"]) for name, service in COMPOSE["services"].items()}
    assert networks == {"postgres": {"back"}, "migrate": {"back"}, "web": {"front", "back"}, "proxy": {"front"}}
    assert COMPOSE["networks"]["back"]["internal"] is True


def make_secrets(directory):
    shutil.copy(ROOT / "Makefile", directory)
    environment = {"PATH": os.environ["PATH"]}
    subprocess.run(["make", "--quiet", "secrets"], cwd=directory, env=environment, capture_output=True, check=True)
    return {file.name: file.read_text() for file in (directory / ".secrets").iterdir()}


def test_make_secrets_makes_those_of_the_compose_file_once(tmp_path):
    made = make_secrets(tmp_path)
    assert {f".secrets/{name}" for name in made} == {secret["file"] for secret in COMPOSE["secrets"].values()}
    assert len(made["secret_key"].strip()) >= 50
    assert made["secret_key_fallbacks"] == ""
    assert make_secrets(tmp_path) == made


def test_make_secrets_gives_the_service_the_password_of_the_database(tmp_path):
    made = make_secrets(tmp_path)
    database = services.database(made["database_url"].strip())
    postgres = COMPOSE["services"]["postgres"]
    assert database["PASSWORD"] == made["postgres_password"].strip()
    assert (database["USER"], database["NAME"]) == (
        postgres["environment"]["POSTGRES_USER"],
        postgres["environment"]["POSTGRES_DB"],
    )
    assert database["HOST"] in COMPOSE["services"]


def test_only_their_owner_and_the_container_can_read_the_secrets(tmp_path):
    make_secrets(tmp_path)
    assert (tmp_path / ".secrets").stat().st_mode & 0o777 == 0o700
    modes = {file.stat().st_mode & 0o777 for file in (tmp_path / ".secrets").iterdir()}
    assert modes == {0o644}  # the container's user is nobody on the host
