"""What an organisation hands in about its data is in the map: its dataset, what it could be joined with, a gap less."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import returned
from click.testing import CliRunner
from psycopg import Connection

from expectations import arrival
from warehouse import runs, transform
from workbench.cli import main

MADE_OF = (
    *("stg_returns__holding", "int_dataset", "int_dataset_stem", "dim_dataset"),
    *("bridge_dataset_link", "fct_dataset_link", "fct_data_gap"),
)
GAP = "map__outcome__vs06_o1"  # no dataset of the bundle reaches this outcome


def test_a_returned_dataset_is_in_the_map_with_its_joins_and_closes_the_gap_it_fills(
    copy_of_warehouse: Connection[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    conn = copy_of_warehouse
    monkeypatch.setenv("PROMISE_INBOX", str(tmp_path / "inbox"))

    def gaps() -> set[str]:
        return {gap for (gap,) in conn.execute("select data_gap_id from candidate.fct_data_gap").fetchall()}

    before = gaps()
    assert GAP in before
    row = returned.HOLDINGS[0] | {"outcomes": "vs06_o1"}
    file = returned.as_csv(tmp_path / "fife.csv", [row])
    handed = CliRunner().invoke(main, ["return", "hand-in", str(file)])
    assert handed.exit_code == 0, handed.output
    run_id = runs.open_run(conn)
    assert arrival.judge(run_id)["held"] == {}
    transform.write_generated()
    with transform.environment():
        assert transform.invoke(["run", "--select", *MADE_OF]).success
    found = conn.execute(
        "select dataset_id, is_in_front, organisation_ids from candidate.dim_dataset where title = %s", (row["title"],)
    ).fetchall()
    ((dataset_id, is_in_front, organisations),) = found
    assert is_in_front and organisations == ["fife"]
    joins = "select count(*) > 0 from candidate.fct_dataset_link where %s in (dataset_id, other_dataset_id)"
    assert conn.execute(joins, (dataset_id,)).fetchone() == (True,)
    assert before - gaps() >= {GAP}
