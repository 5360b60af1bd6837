"""Every part of `promise bench`, run small. No figure is judged here: each part must still be able to measure one."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from promise import database
from warehouse import releases
from workbench.bench import steps
from workbench.bench.analyst import PERSON
from workbench.bench.figure import Sizes
from workbench.bench.methods import METHODS
from workbench.bench.run import DATABASE, bench
from workbench.bench.synthetic import Shape

SMALL = Sizes(
    rounds=1, text_megabytes=0.2, sources=3, parsed_sources=4, publishers=2, download_megabytes=1,
    measures=2, areas=2, periods=3, parts=2, councils=2, headings=100,
    mart_rows=20_000, small_marts=10, releases=3, reshaped=5, readers=2, longest=0.2, attacked=1_000, protected=1_000,
    judged=2_000, datasets=200,
    site_indicators=4, site_years=3,
    whole_runs=False,
    built=(Shape(2, 2),),
)  # fmt: skip


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is what downloads are measured against")
def test_every_part_of_the_bench_measures(warehouse: Any) -> None:
    figures = [figure for part in bench(SMALL).values() for figure in part]
    names = [figure.name for figure in figures]
    for part in (
        "load 0.2 MB of plain text",
        "load 0.2 MB of quoted text",
        "memory to load 0.2 MB of text",
        "check 3 unchanged sources",
        "download 1 MB",
        "promise status",
        "parse 5 DAG files, 4 sources",
        "promise dbt build of indicator__",
        "as known on a day, 24 figures: ",
        "diff of two vintages of 200 rows",
        "promise explain",
        "slowest site query",
        "slowest Metabase question",
        "write a release: the large mart",
        "a join of six over a tenth, through the view, 3 of 3 slots filled",
        "a swap, 3 releases of one shape under 2 readers: longest",
        "a swap, 5 releases that change shapes under 2 readers: longest",
        "a session idle over a changed shape is named",
        "build of ",
        "build and fill with ",
        "p95 of ",
        "attack 990 figures",
        "protect 990 figures",
        "pairs that are alike among 200 datasets",
        "pairs that could be joined among 200 datasets",
        "site of 4 indicators × 32 councils × 3 years",
        *(f"{method.name}: 2,000 points" for method in METHODS),
    ):
        assert any(name.startswith(part) for name in names), f"{part!r} is not measured; there are {names}"
    assert "parse 5 DAG files" in names
    # What has no unit counts failures of readers.
    assert all(figure.ours > 0 if figure.unit else figure.ours == 0 for figure in figures), figures


def test_two_runs_are_compared_by_every_mart_that_readers_see(warehouse: Any) -> None:
    """Also by one of which a column has the name that a row has in the query."""
    with releases.reading() as conn:
        marts = conn.execute("select table_name from information_schema.tables where table_schema = 'marts'").fetchall()
    seen = steps.seen()
    assert len(marts) > 50
    assert sorted(seen) == sorted(mart for (mart,) in marts)
    assert seen == steps.seen()


def test_nothing_of_the_bench_stays_in_the_server(warehouse: Any) -> None:
    with database.connect() as conn:
        left = conn.execute("select datname from pg_database where starts_with(datname, %s)", (DATABASE,)).fetchall()
        people = conn.execute("select rolname from pg_roles where rolname like %s", (f"%{PERSON}%",)).fetchall()
    assert (left, people) == ([], [])
