"""docs/benchmarks.md is what was measured, and says of every figure what it is measured against."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.bench.figure import Figure
from workbench.bench.run import PARTS
from workbench.pages import benchmarks_page


def test_the_page_is_what_was_measured() -> None:
    assert benchmarks_page.PAGE.read_text() == benchmarks_page.page(benchmarks_page.kept()), (
        "docs/benchmarks.md is not what was kept; run `promise bench --write`"
    )


def test_what_is_kept_is_of_parts_that_there_are() -> None:
    assert {"builds"} <= {*benchmarks_page.kept()} <= {*PARTS}


def test_there_is_no_figure_of_which_nothing_says_how_good_it_could_be() -> None:
    assert Figure("beside", 1.0, 2.0, "s", "").ratio == 2
    assert Figure("alone", 1.0, None, "s", "wanted: under 2 s").ratio is None
    with pytest.raises(ValueError, match=r"^alone: nothing says how good"):
        Figure("alone", 1.0, None, "s", "as it is")


def test_what_is_measured_again_takes_the_place_of_what_was_before(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(benchmarks_page, "KEPT", tmp_path / "measured.json")
    monkeypatch.setattr(benchmarks_page, "PAGE", tmp_path / "benchmarks.md")
    monkeypatch.setattr(benchmarks_page, "_machine", lambda: "a machine")
    benchmarks_page.keep({"loading": [Figure("a load", 2.0, 1.0, "s", "")], "builds": []})
    benchmarks_page.keep({"loading": [Figure("another load", 4.0, 1.0, "s", "")]})
    text = benchmarks_page.PAGE.read_text()
    assert "another load | 4 s | 1 s | 0.25" in text
    assert "| a load" not in text
    assert "## builds" in text
