"""Every mart has a reader: a page, a download or a Metabase question (dbt's exposures), a model, or a function."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

FILE = "tests/marts_without_a_reader.yml"
EXCUSED: dict[str, str] = yaml.safe_load((Path(__file__).parents[2] / FILE).read_text()) or {}


def faults(manifest: dict[str, Any], excused: dict[str, str]) -> list[str]:
    """What does not fit between marts, readers and exceptions, each in a sentence that says what to do."""
    marts = {
        node["name"]: any(
            child.startswith(("model.", "exposure.", "function.")) for child in manifest["child_map"][unique_id]
        )
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] == "model" and node["fqn"][1] == "marts"
    }
    texts = {
        mart: "nothing reads this mart; let a query in bi/ or another model read it, or drop it"
        for mart, has_reader in marts.items()
        if not has_reader and mart not in excused
    }
    for mart, reason in excused.items():
        if mart not in marts:
            texts[mart] = f"there is no such mart; take it out of {FILE}"
        elif marts[mart]:
            texts[mart] = f"it has a reader now; take it out of {FILE}"
        elif not reason:
            texts[mart] = f"say in {FILE} why nothing reads it"
    return [f"{mart}: {text}" for mart, text in sorted(texts.items())]


def test_every_mart_has_a_reader_or_stands_with_its_reason(manifest: dict[str, Any], models: dict[str, Any]) -> None:
    assert "fct_observation" in models, "without marts there would be nothing to hold"
    assert not faults(manifest, EXCUSED), "\n".join(faults(manifest, EXCUSED))


def test_the_list_of_marts_without_a_reader_only_gets_shorter() -> None:
    def model(name: str, room: str = "marts") -> dict[str, Any]:
        return {"name": name, "resource_type": "model", "fqn": ["promise", room, name]}

    manifest = {
        "nodes": {
            "model.read": model("read"),
            "model.shown": model("shown"),
            "model.tested": model("tested"),
            "model.alone": model("alone"),
            "model.below": model("below", "staging"),
        },
        "child_map": {
            "model.read": ["model.shown"],
            "model.shown": ["exposure.page"],
            "model.tested": ["test.not_null"],
            "model.alone": [],
            "model.below": [],
        },
    }
    alone = "alone: nothing reads this mart; let a query in bi/ or another model read it, or drop it"
    assert faults(manifest, {"tested": "A reason."}) == [alone]
    assert faults(manifest, {"tested": "A reason.", "alone": "Another."}) == []
    assert faults(manifest, {"tested": "", "alone": "Another.", "shown": "Once.", "gone": "Long ago."}) == [
        f"gone: there is no such mart; take it out of {FILE}",
        f"shown: it has a reader now; take it out of {FILE}",
        f"tested: say in {FILE} why nothing reads it",
    ]
