"""`promise component` starts what the compose file asks for, on loopback unless told otherwise."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click
import pytest
import yaml

from promise.settings import ROOT
from workbench import cli
from workbench.commands import component


class Became(Exception):
    """Raised in place of turning the test into another program."""


@pytest.fixture
def become(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, object]:
    seen: dict[str, object] = {}

    def instead(path: str, arguments: list[str], environment: dict[str, str] | None = None) -> None:
        seen.update(path=path, arguments=arguments, environment=environment)
        raise Became

    monkeypatch.setattr(os, "execve", instead)
    monkeypatch.setattr(os, "execv", instead)
    monkeypatch.setenv("PROMISE_HOME", str(tmp_path))
    monkeypatch.setenv("PROMISE_DATABASE_URL", "postgresql://a:b@127.0.0.1:1/none")
    return seen


@pytest.mark.parametrize("name", sorted(component.AIRFLOW))
def test_an_airflow_part_listens_on_loopback_and_finds_the_others(become: dict[str, object], name: str) -> None:
    with pytest.raises(Became):
        component.component(name)
    environment = become["environment"]
    assert isinstance(environment, dict)
    assert environment["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert environment["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:8080/execution/"
    assert environment["AIRFLOW__USAGE_DATA_COLLECTION__ENABLED"] == "False"


def test_addresses_can_be_those_of_containers(become: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMISE_BIND", "0.0.0.0")
    monkeypatch.setenv("PROMISE_AIRFLOW_INTERNAL_URL", "http://airflow-api-server:8080")
    monkeypatch.setenv("PROMISE_AIRFLOW_PUBLIC_URL", "https://airflow.example.invalid")
    with pytest.raises(Became):
        component.component("scheduler")
    environment = become["environment"]
    assert isinstance(environment, dict)
    assert environment["AIRFLOW__API__HOST"] == "0.0.0.0"
    assert environment["AIRFLOW__API__BASE_URL"] == "https://airflow.example.invalid"
    assert environment["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://airflow-api-server:8080/execution/"


def test_the_site_is_served_from_its_folder(become: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(Became):
        component.component("site")
    assert become["path"] == sys.executable
    arguments = become["arguments"]
    assert isinstance(arguments, list)
    assert arguments[1:3] == ["-m", "workbench.serving"]
    assert arguments[arguments.index("--bind") + 1] == "127.0.0.1"
    assert arguments[arguments.index("--directory") + 1] == str(tmp_path / "site")


def test_compose_and_the_command_line_know_the_same_parts() -> None:
    choice = cli.main.commands["component"].params[0].type
    assert isinstance(choice, click.Choice)
    assert set(choice.choices) == set(component.NAMES)
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"].values()
    asked = {service["command"][1] for service in services if service.get("command", [None])[0] == "component"}
    assert asked == set(component.NAMES)
