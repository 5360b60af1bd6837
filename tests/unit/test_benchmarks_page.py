"""docs/benchmarks.md is what was measured, and says of every figure what it is measured against."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.bench.figure import Figure
from workbench.bench.run import PARTS
from workbench.pages import benchmarks_page


def faults(figures: tuple[Figure, ...]) -> list[str]:
    """Figures of which nothing says how good they could or should be."""
    return [figure.name for figure in figures if figure.limit is None and "wanted: " not in figure.note]


def test_the_page_is_what_was_measured() -> None:
    assert benchmarks_page.PAGE.read_text() == benchmarks_page.page(benchmarks_page.kept()), (
        "docs/benchmarks.md is not what was kept; run `promise bench --write`"
    )


def test_every_figure_has_its_limit_or_says_what_is_wanted() -> None:
    kept = benchmarks_page.kept()
    assert {"builds"} <= {*kept} <= {*PARTS}
    assert [name for part in kept.values() for name in faults(part.figures)] == []


def test_a_figure_of_which_nothing_is_wanted_is_found() -> None:
    assert faults((Figure("alone", 1.0, None, "s", "as it is"), Figure("beside", 1.0, 2.0, "s", ""))) == ["alone"]


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
