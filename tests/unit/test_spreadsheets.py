"""Every file of cells that leaves for people goes through one door."""

from __future__ import annotations

import re

import pytest

from promise.settings import ROOT
from promise.spreadsheets import BACK, BEGINS_A_FORMULA, NUMBER

WRITES_CELLS = re.compile(
    r"csv\.writer|DictWriter|\.to_(csv|excel|html)\(|to (stdout|program)\b|xlsxwriter|import openpyxl",
    re.IGNORECASE,
)
# Everything else that writes cells, and why it is none of people's: it has to hold what it was given, to the letter.
OTHERS = {
    "bi/site/files.py": "figures with their names: each text of a CSV file is made safe by the door's `as_text`",
    "ingestion/connectors/care_inspectorate.py": "what lands: counts of the services in the publisher's register",
    "ingestion/connectors/promise_dashboard.py": "what lands: the figures of pages, read again by our readers",
    "ingestion/returns/accepted.py": "what lands: the accepted cells of a return, read again by our readers",
    "ingestion/returns/template.py": "the template, filled in: its own cells go back to their sender, each as a text",
    "workbench/bench/site.py": "what is measured: marts, from one database into another",
    "warehouse/dbt_files/seeds.py": "what dbt seeds: our own catalogue",
}
DOOR = "promise/spreadsheets.py"


def writers() -> set[str]:
    """Also what the docs tell people to do."""
    floors = (
        "promise",
        "ingestion",
        "warehouse",
        "expectations",
        "bi",
        "orchestration",
        "dags",
        "workbench",
        "dbt",
        "docs",
    )
    return {
        str(path.relative_to(ROOT))
        for floor in floors
        for path in (ROOT / floor).rglob("*")
        if path.suffix in (".py", ".sql", ".md", ".j2", ".js") and WRITES_CELLS.search(path.read_text())
    }


def test_whoever_writes_cells_for_people_goes_through_the_door() -> None:
    found = writers()
    assert DOOR in found, "the search finds what is there"
    assert found == {DOOR, *OTHERS}


@pytest.mark.parametrize("statement", ["csv.writer(out)", "frame.to_csv(path)", "copy t TO STDOUT"])
def test_a_new_one_would_be_found(statement: str) -> None:
    assert WRITES_CELLS.search(statement)


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_every_sign_that_begins_a_formula_is_known_on_the_way_out_and_back(sign: str) -> None:
    assert re.search(BEGINS_A_FORMULA, f"{sign}cmd") and re.search(BEGINS_A_FORMULA, f"''{sign}cmd")
    assert re.sub(BACK, r"\1", f"'{sign}cmd") == f"{sign}cmd"


@pytest.mark.parametrize("text", ["-1", "+44", "-1,234.5", "-3%", "-0.25"])
def test_a_number_is_a_number_whatever_its_sign(text: str) -> None:
    assert re.search(NUMBER, text)


@pytest.mark.parametrize("text", ["-", "-1+1", "+1*2", "-A1", "-1)", "+", "-1\n", "-1;=2"])
def test_what_is_computed_from_numbers_is_none(text: str) -> None:
    assert not re.fullmatch(NUMBER.strip("^$"), text)
