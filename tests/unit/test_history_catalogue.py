"""What is declared about the history of figures is read strictly, and no table vanishes without a word."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from promise.catalogue import history
from promise.catalogue.history import Retirement, unaccounted
from promise.catalogue.sources import CORRECTIONS, sources
from promise.strict import CatalogueError

CORRECTION: dict[str, Any] = {
    "id": "corr_one",
    "publication": "ppf_dashboard_capture_b",
    "label": "Children living in residential care",
    "heading": "Number",
    "area": "Scotland",
    "period": "2023",
    "printed": "1,285",
    "corrected": "1,258",
    "reason": "Two digits changed places.",
    "declared_by": "A name",
    "declared_on": date(2026, 1, 2),
    "source_url": None,
}
BREAK: dict[str, Any] = {
    "id": "break_one",
    "measure": "in_care__count",
    "continued_by": None,
    "series": None,
    "old_until": date(2020, 1, 1),
    "new_from": date(2021, 1, 1),
    "certainty": "established",
    "reason": "Counted otherwise.",
    "source_url": "https://example.org/",
}
SERIES: dict[str, Any] = {
    "name": "A dashboard",
    "restates": ["A release"],
    "reason": "It says so.",
    "source_url": "https://example.org/",
}


def written(folder: Path, content: object) -> Path:
    path = folder / "declared.yml"
    path.write_text(yaml.safe_dump(content))
    return path


def corrected(folder: Path, **corrections: list[dict[str, Any]]) -> Path:
    for source_id, declared in corrections.items():
        path = folder / source_id / CORRECTIONS
        path.parent.mkdir()
        path.write_text(yaml.safe_dump({"corrections": declared}))
    return folder


def test_what_the_project_declares_is_read() -> None:
    assert {each.name for each in history.publication_series()} == {"Promise Progress Framework dashboard"}
    assert {each.id for each in history.breaks()} >= {
        "break_cp_rate_denominator",
        "break_reporter_offence_ages",
        "break_restraint_notification_form",
    }
    assert [figure.value for each in history.known_conflicts() for figure in each.figures] == [1246, 1518, 1758, 2131]
    assert history.corrections() == ()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param({"corrected": "1,285 "}, "a correction changes something", id="nothing is changed"),
        pytest.param({"declared_on": date(2999, 1, 1)}, "in the future", id="declared tomorrow"),
        pytest.param({"printd": "1"}, "did you mean 'printed'", id="a mistyped key"),
        pytest.param({"declared_by": ""}, "declared_by", id="by nobody"),
    ],
)
def test_a_faulty_correction_is_named(tmp_path: Path, change: dict[str, Any], says: str) -> None:
    folder = corrected(tmp_path, promise_dashboard=[CORRECTION | change])
    with pytest.raises(CatalogueError, match=says):
        history.corrections(folder)


def test_one_cell_is_corrected_once(tmp_path: Path) -> None:
    folder = corrected(tmp_path, promise_dashboard=[CORRECTION, CORRECTION | {"id": "corr_two"}])
    with pytest.raises(CatalogueError, match="given twice"):
        history.corrections(folder)


def test_corrections_belong_to_the_source_in_whose_folder_they_stand(tmp_path: Path) -> None:
    folder = corrected(tmp_path, lgbf=[CORRECTION], promise_dashboard=[CORRECTION | {"id": "corr_two"}])
    assert [(source, each.id) for source, each in history.corrections(folder)] == [
        ("lgbf", "corr_one"),
        ("promise_dashboard", "corr_two"),
    ]


def test_two_sources_do_not_share_the_id_of_a_correction(tmp_path: Path) -> None:
    folder = corrected(tmp_path, lgbf=[CORRECTION], promise_dashboard=[CORRECTION])
    with pytest.raises(CatalogueError, match=r"promise_dashboard.*given twice, also in .*lgbf"):
        history.corrections(folder)


DISCLOSURE: dict[str, Any] = {
    "id": "disc_one",
    "publication": "csws_2022_23_looked_after",
    "label": "Looked after children",
    "heading": "Number",
    "area": "Angus",
    "period": "2023",
    "breakdown_value": None,
    "reason": "The council gave the figure itself, in its annual report.",
    "declared_by": "A name",
    "declared_on": date(2026, 1, 2),
    "source_url": None,
}


def disclosed(folder: Path, *declared: dict[str, Any]) -> Path:
    path = folder / "lgbf" / CORRECTIONS
    path.parent.mkdir()
    path.write_text(yaml.safe_dump({"disclosed": list(declared)}))
    return folder


def test_what_may_be_shown_though_it_is_withheld_stands_beside_the_corrections(tmp_path: Path) -> None:
    folder = disclosed(tmp_path, DISCLOSURE, DISCLOSURE | {"id": "disc_two", "breakdown_value": "Female"})
    assert [(source, each.id) for source, each in history.disclosures(folder)] == [
        ("lgbf", "disc_one"),
        ("lgbf", "disc_two"),
    ]
    assert history.corrections(folder) == ()
    assert history.disclosures() == (), "nothing is disclosed that a publisher withholds"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param({"reason": None}, "reason", id="without a reason"),
        pytest.param({"declared_on": date(2999, 1, 1)}, "in the future", id="declared tomorrow"),
        pytest.param({"printed": "27"}, "printed", id="the value is nobody's to repeat"),
    ],
)
def test_a_faulty_disclosure_is_named(tmp_path: Path, change: dict[str, Any], says: str) -> None:
    with pytest.raises(CatalogueError, match=says):
        history.disclosures(disclosed(tmp_path, DISCLOSURE | change))


def test_a_figure_is_disclosed_once(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="given twice"):
        history.disclosures(disclosed(tmp_path, DISCLOSURE, DISCLOSURE | {"id": "disc_two"}))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param({"measure": "in_care__cuont"}, "no measure 'in_care__cuont'", id="unknown measure"),
        pytest.param({"measure": None}, "of a measure or of a series", id="of nothing"),
        pytest.param(
            {"old_until": date(2021, 1, 1)}, "is not before 2021-01-01", id="the old way ends after the new begins"
        ),
        pytest.param({"new_from": None}, "new_from", id="without a day"),
    ],
)
def test_a_faulty_break_is_named(tmp_path: Path, change: dict[str, Any], says: str) -> None:
    with pytest.raises(CatalogueError, match=says):
        history.breaks(written(tmp_path, {"breaks": [BREAK | change]}))


def test_a_series_cannot_restate_itself_or_one_that_restates(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="cannot restate itself"):
        history.publication_series(written(tmp_path, {"series": [SERIES | {"restates": ["A dashboard"]}]}))
    chain = [SERIES, SERIES | {"name": "A page", "restates": ["A dashboard"]}]
    (tmp_path / "chain").mkdir()
    with pytest.raises(CatalogueError, match="restates others itself"):
        history.publication_series(written(tmp_path / "chain", {"series": chain}))


# ------------------------------------------------------------------------------------------- tables that are given up


def test_every_table_that_was_ever_loaded_is_described_or_retired_in_writing() -> None:
    described = [source.raw_table for source in sources().values()]
    assert described
    assert unaccounted(described, history.ever_loaded(), history.retired()) == []


RETIRED = Retirement(table="old__thing", since=date(2026, 1, 1), reason="The publisher no longer makes it.")


@pytest.mark.parametrize(
    ("described", "ever", "retired", "loaded", "says"),
    [
        pytest.param(["a__b"], ["a__b"], [], [], None, id="all is well"),
        pytest.param(["a__b"], ["a__b", "old__thing"], [RETIRED], [], None, id="retired"),
        pytest.param(["a__b"], ["a__b", "old__thing"], [], [], "neither described", id="gone without a word"),
        pytest.param(["a__b"], ["a__b"], [], ["ghost__x"], "neither described", id="only the ledger remembers it"),
        pytest.param(["a__b", "new__one"], ["a__b"], [], [], "add it there", id="new, and not written down"),
        pytest.param(
            ["old__thing"], ["old__thing"], [RETIRED], [], "remove one of the two", id="retired and described"
        ),
        pytest.param(["a__b"], ["a__b"], [RETIRED], [], "was never loaded", id="retired, but nobody knows it"),
        pytest.param(["a__b"], ["a__b", "a__b"], [], [], "stands twice", id="written twice"),
    ],
)
def test_a_table_that_stops_being_loaded_is_accounted_for(
    described: list[str], ever: list[str], retired: list[Retirement], loaded: list[str], says: str | None
) -> None:
    found = unaccounted(described, ever, retired, loaded)
    assert (found == []) if says is None else (len(found) == 1 and says in found[0])


def test_a_retirement_gives_a_date_and_a_reason(tmp_path: Path) -> None:
    path = written(tmp_path, {"retired": [{"table": "old__thing", "since": None, "reason": "gone"}]})
    with pytest.raises(CatalogueError) as fault:
        history.retired(path)
    assert "since" in str(fault.value)
    assert "reason" in str(fault.value)


def test_a_retirement_is_written_as_the_file_shows_it(tmp_path: Path) -> None:
    """Its key was `on` once, which YAML reads as true."""
    lines = (history.INGESTION / "retired.yml").read_text().splitlines()
    example = [line.removeprefix("# ") for line in lines if line.startswith("# -") or line.startswith("#   ")]
    path = tmp_path / "retired.yml"
    path.write_text("\n".join(["retired:", *example]))
    assert [each.table for each in history.retired(path)] == ["source_id__table"]
