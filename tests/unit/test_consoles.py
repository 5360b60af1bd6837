"""What is printed for people is printed as it is: `line 2:x:` is a cell under the heading x, and no picture."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from click.testing import CliRunner

from promise.settings import ROOT
from workbench.cli import main

ROOMS = ("workbench", "orchestration", "expectations", "bi", "warehouse", "ingestion", "promise", "dags")


def consoles() -> list[tuple[str, ast.Call]]:
    """Every place that makes a console."""
    return [
        (f"{path.relative_to(ROOT)}:{node.lineno}", node)
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Console"
    ]


def test_no_console_makes_pictures_of_addresses() -> None:
    assert len(consoles()) > 15
    pictures = [
        place
        for place, call in consoles()
        if not any(each.arg == "emoji" and ast.unparse(each.value) == "False" for each in call.keywords)
    ]
    assert not pictures, "give them emoji=False"


@pytest.mark.parametrize("heading", ["x", "value"])
def test_the_place_of_a_cell_is_said_whatever_its_heading_is(tmp_path: Path, heading: str) -> None:
    file = tmp_path / "figures.csv"
    file.write_text(f"area_code,{heading}\nS12000005,zzyzx@canary.example\n")
    said = CliRunner().invoke(main, ["peek", str(file)]).output
    assert f"line 2:{heading}:" in said, said
