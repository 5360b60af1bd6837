"""Metabase's questions on the release of the bundle, through a stand-in: each filter of each dashboard, every choice.

As the reader, and by the commands of the docs: an empty chart that its file does not allow is an error.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import Warehouse
from stand_ins.metabase import StandIn
from stand_ins.metabase_backend import MapRules

from bi.metabase import keys
from bi.metabase.spec import spec
from promise.settings import ROOT, settings
from workbench.cli import main

COMMANDS = re.findall(r"^promise (bi .+?)(?:  #.*)?$", (ROOT / "docs" / "metabase.md").read_text(), flags=re.MULTILINE)


def test_every_command_of_the_docs_does_what_they_say(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a Metabase that nobody has touched, by the class path, in the order of the page."""
    assert [command.split()[1] for command in COMMANDS] == ["setup", "plan", "apply", "smoke", "prune"]
    with StandIn().running() as new:
        new.forget_setup()
        new.map_rules = MapRules(external_only=True, class_path=tmp_path, allow_class_path=True)
        for name, value in {
            "METABASE_URL": new.url,
            "METABASE_ADMIN_EMAIL": "promise@example.org",
            "METABASE_ADMIN_PASSWORD": "long enough and not common",
            "METABASE_MAPS": str(tmp_path),
        }.items():
            monkeypatch.setenv(name, value)
        for name in ("METABASE_API_KEY", "PROMISE_GEOJSON_URL"):
            monkeypatch.delenv(name, raising=False)
        said = {}
        for command in COMMANDS:
            done = CliRunner().invoke(main, command.split(), catch_exceptions=False)
            assert done.exit_code == 0, done.output
            said[command.split()[1]] = json.loads(done.output)
        again = json.loads(CliRunner().invoke(main, ["bi", "apply"], catch_exceptions=False).output)
    assert said["setup"]["done"] == ["administrator made", "tracking switched off", "key made"]
    assert said["plan"]["writes"] == said["apply"]["writes"] > len(spec().cards)
    assert (said["apply"]["map"], said["apply"]["release_id"]) == ("regions", warehouse.release_id)
    assert said["smoke"]["questions_run"] > said["apply"]["questions_run"] > len(spec().cards), (
        "every choice of every filter"
    )
    assert said["smoke"]["notes"] == said["apply"]["notes"] == []
    assert said["smoke"]["slowest"]
    assert said["prune"]["writes"] == again["writes"] == 0


def file_of_keys() -> dict[str, str]:
    path = settings().home / keys.FILE_NAME
    found: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    return found


def test_a_real_server_is_tried_with_one_command(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real but for the server: what is started as `java` is the stand-in."""
    java = tmp_path / "java"
    java.write_text(f'#!/bin/sh\nexec {sys.executable} -m stand_ins.metabase_as_java "$@"\n')
    java.chmod(0o755)
    jar = tmp_path / "metabase.jar"
    command = [sys.executable, "-m", "workbench.commands.bi_live", str(jar)]
    surroundings = os.environ | {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}",
    }
    missing = subprocess.run(command, env=surroundings, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (missing.returncode, "set METABASE_JAR" in missing.stderr) == (1, True)
    jar.touch()
    before = file_of_keys()
    done = subprocess.run(command, env=surroundings, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    version, first, second, smoke = done.stdout.splitlines()
    assert version == "set up Metabase v0.58.28: administrator made, tracking switched off, key made"
    assert first.startswith("first apply: ") and first.endswith("map as regions")
    assert second.startswith("second apply: 0 writes")
    assert smoke.startswith("smoke: ")
    assert file_of_keys() == before, "no key is left to a server that is gone"
