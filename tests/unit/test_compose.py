"""The rules of docker-compose.yml and the Dockerfile. Structure only: no container engine has run them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
EXAMPLE = dict(
    line.split("=", 1) for line in (ROOT / ".env.example").read_text().splitlines() if line and not line.startswith("#")
)
ONE_SHOT = {"airflow-init"}
MAY_BE_EMPTY = {"METABASE_API_KEY"}  # secrets that are made where nobody gives one
OURS = {name for name, service in SERVICES.items() if "build" in service}
# ${NAME}, ${NAME:-default}, ${NAME:?message}
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")
# What this file uses of the Compose Specification, closed, so that a misspelt key is not silently ignored.
TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "patternProperties": {"^x-": {}},
    "required": ["name", "services", "volumes"],
    "properties": {
        "name": {"type": "string"},
        "volumes": {"additionalProperties": {"type": "object", "additionalProperties": False}},
        "networks": {
            "additionalProperties": {"additionalProperties": False, "properties": {"internal": {"type": "boolean"}}}
        },
        "services": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "required": ["image", "healthcheck", "restart"],
                "properties": {
                    "image": {"type": "string"},
                    "build": {"type": "string"},
                    "init": {"type": "boolean"},
                    "restart": {"enum": ["no", "unless-stopped"]},
                    "command": {"type": "array", "items": {"type": "string"}},
                    "environment": TEXTS,
                    "volumes": {"type": "array", "items": {"type": "string", "pattern": "^[a-z-]+:/"}},
                    "ports": {"type": "array", "items": {"type": "string"}},
                    "networks": {"type": "array", "items": {"type": "string"}},
                    "shm_size": {"type": "string"},
                    "depends_on": {"type": "object"},
                    "logging": {
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {"driver": {"type": "string"}, "options": TEXTS},
                    },
                    "healthcheck": {
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {
                            "disable": {"const": True},
                            "test": {"type": "array", "items": {"type": "string"}},
                            "interval": {"type": "string", "pattern": "^[0-9]+s$"},
                            "timeout": {"type": "string", "pattern": "^[0-9]+s$"},
                            "start_period": {"type": "string", "pattern": "^[0-9]+s$"},
                            "retries": {"type": "integer"},
                        },
                    },
                },
            },
        },
    },
}
each_service = pytest.mark.parametrize("name", sorted(SERVICES))


def test_the_file_has_the_keys_and_types_of_the_compose_specification() -> None:
    faults = [
        f"{'/'.join(map(str, fault.path))}: {fault.message}"
        for fault in Draft202012Validator(SCHEMA).iter_errors(COMPOSE)
    ]
    assert faults == []


@each_service
def test_networks_that_are_named_exist(name: str) -> None:
    assert set(SERVICES[name].get("networks", [])) <= set(COMPOSE["networks"])


def test_every_component_of_the_project_is_there() -> None:
    assert set(SERVICES) == {
        *("postgres", "airflow-init", "airflow-api-server", "airflow-scheduler", "airflow-dag-processor"),
        *("airflow-triggerer", "site", "metabase-db", "metabase", "metabase-keeper"),
    }
    commands = {service["command"][-1] for name, service in SERVICES.items() if name in OURS}
    assert commands == {"init", "api-server", "scheduler", "dag-processor", "triggerer", "site", "metabase"}


@each_service
def test_every_service_says_whether_it_is_healthy(name: str) -> None:
    check = SERVICES[name]["healthcheck"]
    if name in ONE_SHOT:
        assert check == {"disable": True}
        assert SERVICES[name]["restart"] == "no"
    else:
        assert check["test"][0] in ("CMD", "CMD-SHELL")
        assert {"interval", "timeout", "retries"} <= set(check)
        assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", sorted(OURS - ONE_SHOT))
def test_health_checks_written_in_python_are_python(name: str) -> None:
    program, flag, code = SERVICES[name]["healthcheck"]["test"][1:]
    assert (program, flag) == ("python", "-c")
    compile(code, name, "exec")


@each_service
def test_a_service_waits_for_what_it_needs_and_for_nothing_that_never_ends(name: str) -> None:
    for other, condition in SERVICES[name].get("depends_on", {}).items():
        expected = "service_completed_successfully" if other in ONE_SHOT else "service_healthy"
        assert condition == {"condition": expected}, other
        assert other in SERVICES


@each_service
def test_images_are_pinned(name: str) -> None:
    image, _, tag = SERVICES[name]["image"].rpartition(":")
    assert image and re.search(r"\d+\.\d+", tag), f"{name} uses {SERVICES[name]['image']}"


@each_service
def test_ports_are_published_on_loopback_unless_someone_decides_otherwise(name: str) -> None:
    for port in SERVICES[name].get("ports", []):
        assert port.startswith("${PROMISE_PUBLISH:-127.0.0.1}:")


def test_databases_are_not_published() -> None:
    assert not SERVICES["postgres"].get("ports")
    assert not SERVICES["metabase-db"].get("ports")


def test_metabases_own_database_can_be_reached_by_metabase_alone() -> None:
    private = {name for name, service in SERVICES.items() if "metabase-private" in service.get("networks", [])}
    assert private == {"metabase", "metabase-db"}
    assert SERVICES["metabase-db"]["networks"] == ["metabase-private"]
    assert COMPOSE["networks"]["metabase-private"] == {"internal": True}


@each_service
def test_state_is_in_named_volumes(name: str) -> None:
    for volume in SERVICES[name].get("volumes", []):
        assert volume.split(":")[0] in COMPOSE["volumes"], f"{volume} is not a named volume"


def test_every_named_volume_is_used() -> None:
    used = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert used == set(COMPOSE["volumes"])


@each_service
def test_secrets_come_from_outside_and_have_no_default(name: str) -> None:
    secret = re.compile(r"PASS|SECRET|TOKEN|KEY", re.IGNORECASE)
    for variable, value in SERVICES[name].get("environment", {}).items():
        for used, operator, default in VARIABLE.findall(str(value)):
            if secret.search(used):
                is_needed = used not in MAY_BE_EMPTY
                assert (operator, bool(default)) == ("?" if is_needed else "-", is_needed), f"{variable} of {name}"
        if secret.search(variable):
            assert VARIABLE.fullmatch(str(value)), f"{variable} of {name} is written out"


@each_service
def test_no_address_contains_a_password(name: str) -> None:
    for value in SERVICES[name].get("environment", {}).values():
        if found := re.search(r"://[^:/@]+:(.+)@", str(value)):
            assert VARIABLE.fullmatch(found[1])


def test_the_example_lists_exactly_what_can_be_set_and_sets_nothing() -> None:
    assert set(EXAMPLE) == {name for name, _, _ in VARIABLE.findall(TEXT)}
    assert set(EXAMPLE.values()) == {""}


def test_all_components_share_one_image_one_configuration_and_one_home() -> None:
    assert len(OURS) == 7
    for key in ("image", "build", "volumes"):
        assert len({str(SERVICES[name][key]) for name in OURS}) == 1, key
    own = {"PROMISE_DATABASE_URL", "METABASE_ADMIN_EMAIL", "METABASE_ADMIN_PASSWORD"}
    environments = [
        {variable: value for variable, value in SERVICES[name]["environment"].items() if variable not in own}
        for name in OURS
    ]
    assert environments == environments[:1] * len(OURS)


def test_nothing_but_what_prepares_the_database_knows_its_superuser() -> None:
    assert {name for name in OURS if "PROMISE_DATABASE_PASSWORD" in str(SERVICES[name])} == {"airflow-init"}


def test_metabase_tells_nobody_that_it_runs() -> None:
    environment = SERVICES["metabase"]["environment"]
    assert environment["MB_ANON_TRACKING_ENABLED"] == environment["MB_CHECK_FOR_UPDATES"] == "false"
    assert environment["MB_LOAD_SAMPLE_CONTENT"] == "false"


def test_metabases_version_is_one_that_provisioning_supports() -> None:
    from bi.metabase.spec import spec

    major = int(SERVICES["metabase"]["image"].split(":v0.")[1].split(".")[0])
    assert spec().general.supported.oldest <= major <= spec().general.supported.newest


def test_metabase_has_the_map_on_its_class_path_and_nothing_else_of_ours() -> None:
    metabase, ours = SERVICES["metabase"], SERVICES["metabase-keeper"]
    written_to = ours["environment"]["METABASE_MAPS"]
    assert metabase["volumes"] == ["metabase-maps:/maps:ro"]
    assert f"metabase-maps:{written_to}" in ours["volumes"]
    assert metabase["environment"]["JAVA_OPTS"] == "-Xbootclasspath/a:/maps"
    assert metabase["environment"]["MB_ALLOW_CLASSPATH_GEOJSON"] == "true"
    assert re.search(rf"install --directory --owner promise .*{written_to}", DOCKERFILE), "or it belongs to root"


def test_only_what_sets_metabase_up_knows_its_administrator() -> None:
    assert {name for name in SERVICES if "METABASE_ADMIN" in str(SERVICES[name])} == {"metabase-keeper"}


def test_metabase_is_set_up_when_it_answers_and_is_known_to_be_when_there_is_a_key() -> None:
    from bi.metabase import keys

    keeper = SERVICES["metabase-keeper"]
    assert keeper["depends_on"]["metabase"] == {"condition": "service_healthy"}
    assert keys.FILE_NAME in keeper["healthcheck"]["test"][-1]


def test_a_key_that_somebody_made_by_hand_goes_on_working_after_an_upgrade() -> None:
    assert {SERVICES[name]["environment"]["METABASE_API_KEY"] for name in OURS} == {"${METABASE_API_KEY:-}"}
    assert "METABASE_API_KEY" in EXAMPLE


@pytest.mark.parametrize(
    ("key", "has_file", "healthy"),
    [("", False, False), ("", True, True), ("mb_by_hand", False, True)],
    ids=["none", "one that the keeper made", "one made by hand, of which there is no file"],
)
def test_the_keeper_is_healthy_once_there_is_a_key(key: str, has_file: bool, healthy: bool, tmp_path: Path) -> None:
    code = SERVICES["metabase-keeper"]["healthcheck"]["test"][-1]
    if has_file:
        (tmp_path / "metabase_keys.json").write_text("{}")
    code = code.replace("/var/lib/promise", str(tmp_path))
    done = subprocess.run([sys.executable, "-c", code], check=False, env={"METABASE_API_KEY": key}, capture_output=True)
    assert (done.returncode == 0) is healthy


# --- the image ----------------------------------------------------------------------------------------------------


def test_the_image_is_built_from_the_lock_without_development_tools() -> None:
    assert re.search(r"^FROM python:3\.11-slim-\w+$", DOCKERFILE, re.MULTILINE)
    assert "uv sync --frozen --no-dev" in DOCKERFILE


def test_the_image_uses_the_makefiles_uv() -> None:
    makefile = (ROOT / "Makefile").read_text()
    (pinned,) = re.findall(r"^UV_VERSION\s*:?=\s*(\S+)$", makefile, re.MULTILINE)
    assert f"ARG UV_VERSION={pinned}" in DOCKERFILE


def test_nothing_runs_as_root() -> None:
    assert re.findall(r"^USER (.+)$", DOCKERFILE, re.MULTILINE) == ["promise"]
    assert DOCKERFILE.index("USER promise") < DOCKERFILE.index("ENTRYPOINT")


def test_the_home_in_the_image_is_the_volume() -> None:
    home = SERVICES["site"]["environment"]["PROMISE_HOME"]
    assert f"ENV PROMISE_HOME={home}" in DOCKERFILE
    assert f"promise-home:{home}" in SERVICES["site"]["volumes"]


@pytest.mark.parametrize("kept_out", [".env", ".promise", ".venv", ".git"])
def test_state_and_secrets_stay_out_of_the_image(kept_out: str) -> None:
    assert kept_out in (ROOT / ".dockerignore").read_text().splitlines()
