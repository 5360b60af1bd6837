"""Nothing about a person gets in by what somebody writes of a cell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from canaries import CANARIES, Canary

from promise.catalogue.history import Correction, Corrections
from promise.strict import CatalogueError, load_yaml

ENTRY: dict[str, Any] = {
    "id": "c_one",
    "publication": "a_publication",
    "label": "A",
    "heading": "",
    "area": "Orkney",
    "period": "2021",
    "printed": "1",
    "corrected": "2",
    "reason": "It is printed as 2 in the table.",
    "declared_by": "project",
    "declared_on": "2026-01-01",
    "source_url": None,
}
TEXTS = ("label", "area", "period", "printed", "corrected", "reason")


def read(folder: Path, entry: dict[str, Any], key: str = "corrections") -> Corrections:
    path = folder / "corrections.yml"
    path.write_text(yaml.safe_dump({key: [entry]}))
    return load_yaml(path, Corrections)


def test_what_is_about_nobody_is_read(tmp_path: Path) -> None:
    assert len(read(tmp_path, ENTRY).corrections) == 1
    assert {*TEXTS} <= {*Correction.model_fields}


@pytest.mark.parametrize("canary", CANARIES, ids=lambda canary: canary.kind)
@pytest.mark.parametrize("key", TEXTS)
def test_a_correction_that_holds_something_about_a_person_is_refused_unquoted(
    tmp_path: Path, key: str, canary: Canary
) -> None:
    with pytest.raises(CatalogueError) as refused:
        read(tmp_path, ENTRY | {key: canary.in_a_cell})
    assert key in str(refused.value)
    assert canary.text not in str(refused.value)


def test_so_is_a_declaration_that_a_figure_may_be_shown(tmp_path: Path) -> None:
    entry = {name: value for name, value in ENTRY.items() if name not in ("printed", "corrected")}
    entry |= {"breakdown_value": None, "reason": CANARIES[0].in_a_cell}
    with pytest.raises(CatalogueError, match="reason holds"):
        read(tmp_path, entry, "disclosed")


@pytest.mark.parametrize("canary", CANARIES, ids=lambda canary: canary.kind)
@pytest.mark.parametrize(
    "change",
    [
        lambda text: {"printed": [text]},
        lambda text: {"declared_on": text},
        lambda text: {text: "a key that nobody knows"},
        lambda text: {"source_url": {"of": text}},
        lambda text: {"id": text},
    ],
)
def test_what_is_wrong_with_an_entry_is_said_without_it(
    tmp_path: Path, change: Callable[[str], dict[str, Any]], canary: Canary
) -> None:
    with pytest.raises(CatalogueError) as refused:
        read(tmp_path, ENTRY | change(canary.in_a_cell))
    assert canary.text not in str(refused.value)
    assert "characters long" in str(refused.value)
