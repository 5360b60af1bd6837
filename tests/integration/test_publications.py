"""Which publication a figure is of: said where the source is described, and correcting that corrects what is held."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from entries import write_entry
from fault_cases import source as described
from psycopg import Connection
from rehosted import Catalogue

from ingestion import pipeline
from ingestion.errors import SourceChanged
from ingestion.landing import Fetched
from promise import ledger
from promise.catalogue.sources import Source
from promise.settings import settings
from warehouse import transform

NAMED = {
    "id": "letters_2023", "title": "Letters", "publisher": "nobody", "url": "https://publisher.example/",
    "published_on": None, "precision": "unknown", "series": "Letters", "rank": 1, "note": "For tests.",
}  # fmt: skip
CODE = "S12000033"


def entry(publication: dict[str, Any] | None, **changes: Any) -> dict[str, Any]:
    """A source whose one file is one figure of one council."""
    made = described("letters", {})
    made["table"]["columns"] = {"area_code": "area", **made["table"]["columns"]}
    made["table"]["checks"] |= {
        "area": {"column": "area_code", "by": "code"},
        "period": {"column": "year", "style": "calendar_year"},
    }
    shipped = {"file": "a.csv", "origin_url": "https://publisher.example/", "publication": publication}
    return made | {"live": None, "bundle": [shipped], "figures": {"value": ["value"]}} | changes


@pytest.fixture
def letters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Describes the source anew."""
    for name in ("PROMISE_SOURCES", "PROMISE_BUNDLE"):
        monkeypatch.setenv(name, str(tmp_path / "0"))
    made = iter(range(10))

    def describe(written: dict[str, Any], content: str = f"area,year,value\n{CODE},2023,17\n") -> None:
        folder = tmp_path / str(next(made))
        write_entry(folder, "letters", written)
        (folder / "letters" / "a.csv").write_text(content)
        monkeypatch.setenv("PROMISE_SOURCES", str(folder))
        monkeypatch.setenv("PROMISE_BUNDLE", str(folder))

    return describe


def test_a_file_brought_by_a_way_of_ones_own_is_not_loaded_without_a_publication(
    database: Connection[Any], letters: Any, tmp_path: Path
) -> None:
    letters(entry(None, bundle=[], own_dag=True))
    path = tmp_path / "letter.csv"
    path.write_text(f"area,year,value\n{CODE},2023,17\n")

    def bring(publication_id: str | None) -> list[dict[str, Any]]:
        def shown(_: Source) -> list[Fetched]:
            return [Fetched(path, path.name, path.as_uri(), path.as_uri(), "text/csv", publication_id)]

        return pipeline.load("letters", pipeline.take("letters", shown))

    with pytest.raises(SourceChanged, match=r"letters: letter\.csv holds figures, and nothing says which publication"):
        bring(None)
    assert ledger.vintages(database, "letters") == []
    assert database.execute("select outcome, message ~ 'Name it there' from ops.ingest_attempt").fetchall() == [
        ("changed", True)
    ]


def test_what_is_corrected_before_the_file_is_loaded_is_loaded(database: Connection[Any], letters: Any) -> None:
    """The file was landed, and an attempt to load it failed: meanwhile a person corrected the entry."""
    letters(entry(NAMED | {"id": "letters_2022"}))
    new = pipeline.take("letters")
    letters(entry(NAMED))
    pipeline.load("letters", new)
    assert [each.publication_id for each in ledger.vintages(database, "letters")] == ["letters_2023"]


def test_an_older_edition_that_is_found_later_is_landed_and_is_not_what_is_held_last(
    database: Connection[Any], letters: Any
) -> None:
    newer = entry(NAMED | {"rank": 2})
    letters(newer)
    pipeline.load("letters", pipeline.take("letters"))
    older = newer["bundle"][0] | {"file": "b.csv", "publication": NAMED | {"id": "letters_2022"}}
    letters(newer | {"bundle": [older, *newer["bundle"]]})
    (settings().bundle / "letters" / "b.csv").write_text(f"area,year,value\n{CODE},2022,16\n")
    pipeline.load("letters", pipeline.take("letters"))
    assert [each.publication_id for each in ledger.vintages(database, "letters")] == ["letters_2023", "letters_2022"]
    assert pipeline.take("letters") == [], "the newer one is not new again"


POVERTY = "children_in_relative_poverty"
MODELS = (
    "catalogue__source catalogue__publication int_publications int_published_figures int_figures"
    " int_observation_history int_observation_current"
)


def build() -> None:
    transform.write_generated()
    with transform.environment():
        transform.invoke(["build", "--select", MODELS, "--exclude-resource-type", "unit_test", "test"])


def test_correcting_the_entry_corrects_the_ledger_and_the_figures_appear(
    landed: Connection[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a home of a revision that let it be null; and then it was the wrong one."""

    def figures() -> list[tuple[Any, ...]]:
        return landed.execute(
            b"select publication_id, count(*) > 0 from intermediate.int_observation_current where source_id = %s"
            b" group by 1",
            (POVERTY,),
        ).fetchall()

    landed.execute("update ops.vintage set publication_id = null where source_id = %s", (POVERTY,))
    assert pipeline.take(POVERTY) == [], "the file is the same"
    build()
    assert figures() == [("ons_child_poverty_2024_25", True)]

    catalogue = Catalogue(tmp_path / "sources")
    catalogue.change(POVERTY, lambda entry: entry["bundle"][0]["publication"].update(id="another_release"))
    monkeypatch.setenv("PROMISE_SOURCES", str(catalogue.folder))
    assert pipeline.take(POVERTY) == []
    assert [each.publication_id for each in ledger.vintages(landed, POVERTY)] == ["another_release"]
    build()
    assert figures() == [("another_release", True)]
