"""Every part of `promise bench`, run small. No figure is judged here: each part must still be able to measure one."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from promise import database
from workbench.bench.figure import Sizes
from workbench.bench.run import DATABASE, bench

SMALL = Sizes(
    rounds=1, text_megabytes=0.2, sources=3, publishers=2, download_megabytes=1,
    measures=2, areas=2, periods=3, parts=2, councils=2, headings=100,
)  # fmt: skip


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is what downloads are measured against")
def test_every_part_of_the_bench_measures(warehouse: Any) -> None:
    figures = bench(SMALL)
    names = [figure.name for figure in figures]
    for part in (
        "load 0.2 MB of plain text",
        "load 0.2 MB of quoted text",
        "memory to load 0.2 MB of text",
        "check 3 unchanged sources",
        "download 1 MB",
        "promise status",
        "parse ",
        "as known on a day, 24 figures: ",
        "diff of two vintages of 200 rows",
        "promise explain",
        "slowest site query",
        "slowest Metabase question",
    ):
        assert any(name.startswith(part) for name in names), f"{part!r} is not measured; there are {names}"
    assert all(figure.ours > 0 for figure in figures)


def test_nothing_of_the_bench_stays_in_the_server(warehouse: Any) -> None:
    with database.connect() as conn:
        left = conn.execute("select datname from pg_database where starts_with(datname, %s)", (DATABASE,)).fetchall()
    assert left == []
