"""What is new, for a publisher that makes its file afresh, and for two files of one day."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ingestion import pipeline
from promise import ledger
from promise.catalogue.sources import Source, source
from workbench.commands import status

FAMILIES = "lgbf_family_groups"


@pytest.fixture
def by_cells(monkeypatch: pytest.MonkeyPatch) -> Source:
    """A source whose publisher regenerates the file on each request."""
    described = source(FAMILIES).model_copy(update={"identity": "cells"})
    monkeypatch.setattr(pipeline, "described", lambda _: described)
    return described


def take_and_load(source_id: str) -> list[dict[str, Any]]:
    return pipeline.load(source_id, pipeline.take(source_id))


def test_a_file_made_afresh_with_the_same_cells_is_not_new(
    database: psycopg.Connection[Any], bundle: Path, by_cells: Source
) -> None:
    path = bundle / FAMILIES / by_cells.bundle[0].file
    (first,) = take_and_load(FAMILIES)
    text = path.read_text()
    path.write_text(text.replace("East Renfrewshire,1,3", '"East Renfrewshire","1","3"'))
    assert path.read_text() != text
    assert pipeline.take(FAMILIES) == []
    outcome = database.execute(
        "select outcome, message from ops.ingest_attempt order by attempt_id desc limit 1"
    ).fetchone()
    assert outcome == ("unchanged", f"made afresh, with the cells of vintage {first['vintage']}")
    path.write_text(text.replace("East Renfrewshire,1,3", "East Renfrewshire,1,4"))
    assert len(take_and_load(FAMILIES)) == 1, "another cell is another vintage"
    path.write_text(text)
    assert len(take_and_load(FAMILIES)) == 1, "and the old cells again are one more"


def test_the_plan_knows_a_file_made_afresh_by_its_cells(
    database: psycopg.Connection[Any],
    bundle: Path,
    by_cells: Source,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(status, "sources", lambda: {FAMILIES: by_cells})
    path = bundle / FAMILIES / by_cells.bundle[0].file
    take_and_load(FAMILIES)
    text = path.read_text()

    def planned() -> dict[str, str]:
        status.show_plan(as_json=True)
        found: dict[str, str] = json.loads(capsys.readouterr().out)["sources"]
        return found

    path.write_text(text.replace("East Renfrewshire,1,3", '"East Renfrewshire","1","3"'))
    assert planned() == {}, "only the bytes differ"
    path.write_text(text.replace("East Renfrewshire,1,3", "East Renfrewshire,1,4"))
    assert planned() == {FAMILIES: "1 new file"}


def test_by_bytes_the_same_file_made_afresh_is_new(database: psycopg.Connection[Any], bundle: Path) -> None:
    path = bundle / FAMILIES / source(FAMILIES).bundle[0].file
    take_and_load(FAMILIES)
    path.write_text(path.read_text().replace("East Renfrewshire,1,3", '"East Renfrewshire","1","3"'))
    assert len(take_and_load(FAMILIES)) == 1


def test_two_vintages_of_one_day_are_kept_apart(database: psycopg.Connection[Any], bundle: Path) -> None:
    path = bundle / FAMILIES / source(FAMILIES).bundle[0].file
    take_and_load(FAMILIES)
    path.write_text(path.read_text().replace("East Renfrewshire,1,3", "East Renfrewshire,1,4"))
    take_and_load(FAMILIES)
    first, second = ledger.vintages(database, FAMILIES)
    assert first.retrieved_at.date() == second.retrieved_at.date()
    assert first.vintage < second.vintage
    assert database.execute(
        "select _vintage, family_group_place from raw.lgbf_family_groups__council where council = 'East"
        " Renfrewshire' order by 1"
    ).fetchall() == [(first.vintage, "3"), (second.vintage, "4")]
