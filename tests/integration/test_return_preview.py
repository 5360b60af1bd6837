"""The preview of a return: what it would change, and own figures beside the published ones, for its sender alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import returned
from click.testing import CliRunner
from psycopg import Connection

from promise.catalogue.returns import return_kind
from warehouse import releases
from workbench.cli import main
from workbench.returned import standing

NASTY = "<script>alert(1)</script>"


def preview(path: Path, code: int = 0) -> str:
    result = CliRunner().invoke(main, ["return", "preview", str(path), "--out", str(path.with_suffix(".html"))])
    assert result.exit_code == code, result.output
    return path.with_suffix(".html").read_text()


def test_it_tells_new_changed_and_gone_and_keeps_nothing(
    database: Connection[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMISE_INBOX", str(tmp_path / "inbox"))
    first = returned.as_xlsx(tmp_path / "first.xlsx")
    assert "0 rows of yours are held" in preview(first)
    assert CliRunner().invoke(main, ["return", "hand-in", str(first)]).exit_code == 0
    rows = [returned.HOLDINGS[0] | {"title": NASTY}, {"dataset_id": "another", "title": "Another"}]
    page = preview(returned.as_csv(tmp_path / "second.csv", rows))
    assert "1 new" in page and "1 changed and 0 unchanged; 1 would go" in " ".join(page.split())
    assert "Title: Family support cases → &lt;script&gt;" in page and NASTY not in page
    assert "default-src 'none'" in page and "<script" not in page
    assert " src=" not in page and "href=" not in page, "it loads nothing from elsewhere"
    assert database.execute("select count(*) from ops.vintage").fetchone() == (1,), "a preview lands nothing"


def test_a_wrong_return_is_shown_with_what_is_to_be_put_right(database: Connection[Any], tmp_path: Path) -> None:
    page = preview(returned.personal_data(tmp_path), code=1)
    assert "may be about a person" in page and "0101101007" not in page


def test_it_says_where_most_would_go(database: Connection[Any]) -> None:
    kind = return_kind("holdings")
    held = [{"dataset_id": f"d{number}"} for number in range(4)]
    assert standing.changes(kind, held, held[:1], limit=0.5).asks_a_person
    assert not standing.changes(kind, held, held[:2], limit=0.5).asks_a_person


def test_own_figures_stand_beside_the_published_ones_of_area_and_period(warehouse: Any) -> None:
    row = {
        **returned.MEASURES[0], "area": "S12000047", "breakdown": "", "unit": "percent",
    }  # fmt: skip
    with releases.reading() as conn:
        ours, part = (
            standing.beside_published(conn, return_kind("measures"), rows)
            for rows in ([row], [row | {"breakdown": "sex"}])
        )
    assert [(each.area, each.value) for each in ours] == [("S12000047", "84.5")]
    assert [(measure, period) for measure, period, _ in ours[0].published] == [
        ("Attendance rate, all pupils, by council (LGBF CHN19a)", "2022-08-01 to 2023-07-31")
    ]
    assert part == (), "nothing published stands beside a part"
