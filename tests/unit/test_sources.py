"""The catalogue of sources and areas: the real one is whole, and a faulty one says what to do."""

from __future__ import annotations

import csv
import gzip
import importlib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from entries import write_entry
from pydantic import ValidationError

from ingestion import connectors
from ingestion.connectors import care_inspectorate
from orchestration import platform
from promise.catalogue.framework import framework
from promise.catalogue.live import LOOPBACK, CareInspectorate
from promise.catalogue.sources import CORRECTIONS, ENTRY, FOLDER, AreaColumn, Source, read_folder, source, sources
from promise.errors import PromiseError
from promise.settings import ROOT, settings
from promise.strict import CatalogueError
from promise.vocabulary.area_list import Areas, areas

SOURCES = sorted(sources())


def test_there_are_sources_to_test() -> None:
    assert len(SOURCES) >= 9


@pytest.mark.parametrize("source_id", SOURCES)
def test_each_bundled_file_is_there_and_small(source_id: str) -> None:
    for edition in source(source_id).bundle:
        path = ROOT / "ingestion" / "sources" / source_id / edition.file
        assert path.is_file(), f"{path} is named by ingestion/sources/{source_id}/source.yml"
        assert path.stat().st_size < 5_000_000


def test_the_bundle_holds_nothing_that_no_source_describes() -> None:
    described = {f"{each.id}/{edition.file}" for each in sources().values() for edition in each.bundle}
    others = {ENTRY, CORRECTIONS, "SOURCES.md"}
    files = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.is_file() and path.name not in others}
    assert files == described


@pytest.mark.parametrize("source_id", SOURCES)
def test_each_source_names_a_known_publisher_and_its_licence(source_id: str) -> None:
    organisations = {organisation.id for organisation in framework().organisations}
    assert source(source_id).publisher in organisations
    assert source(source_id).licence.attribution.strip()


@pytest.mark.parametrize("source_id", SOURCES)
def test_raw_names_fit_postgresql(source_id: str) -> None:
    assert len(f"{source(source_id).raw_table}__v2147483647") <= 63


def faulty(tmp_path: Path, **changes: object) -> Path:
    described = yaml.safe_load((FOLDER / "publication_register" / ENTRY).read_text())
    for key, content in changes.items():
        place = described
        *parents, last = key.split("__")
        for parent in parents:
            place = place[parent]
        place[last] = content
    write_entry(tmp_path, "publication_register", described)
    return tmp_path


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"licnce": "OGL"}, "licnce", id="a mistyped key"),
        pytest.param({"id": "another"}, "another", id="an id that is not the file's name"),
        pytest.param({"table__checks__key": ["nobody"]}, "nobody", id="a check on an unmapped column"),
        pytest.param({"table__columns__title": "url"}, "'url' is given to title and to url", id="one heading twice"),
        pytest.param({"table__columns__title": ["name", "url"]}, "is given to title and to url", id="an earlier one"),
        pytest.param(
            {"table__columns__title": []}, "columns.title: is \\[\\], expected the published heading", id="none"
        ),
        pytest.param({"table__columns__title": None}, "columns.title: is null, expected", id="a heading left out"),
        pytest.param(
            {"table__columns__title": 2021}, "2021, expected .* between quotes", id="a heading that is a number"
        ),
        pytest.param({"table__columns__title": ["a", "a"]}, "'a' stands there 2 times; keep one", id="twice in a list"),
        pytest.param({"table__columns__title": ["@sheet", "a"]}, "'@sheet' is no printed heading", id="no heading"),
        pytest.param({"table__columns__Title": "Name"}, "our column stands first", id="a heading before its column"),
        pytest.param({"bundle": []}, "neither bundle nor live", id="nowhere to look"),
        pytest.param({"personal_data": "dropped"}, "which drops it", id="persons and nobody to take them out"),
        pytest.param({"replaces": "everything"}, "replaces", id="a file takes the place of something else"),
        pytest.param({"replaces": "its_periods"}, "the newest file alone is read", id="reference data has no periods"),
        pytest.param(
            {"table__checks__period": {"column": "title", "style": "lunar_year"}}, "lunar_year", id="no such style"
        ),
        pytest.param(
            {"table__checks__period": {"column": "when", "style": "calendar_year"}}, "when", id="a period unmapped"
        ),
        pytest.param(
            {"table__columns__title": "@edition period"},
            "bundle\\[0\\].period: is missing, and a column takes '@edition period'",
            id="a period that no edition has",
        ),
        pytest.param(
            {"bundle": [{"file": "a.csv", "origin_url": "", "publication": None, "period": "2023"}]},
            "bundle\\[0\\].period: is given, and no column takes it",
            id="a period that nobody asks for",
        ),
        pytest.param(
            {
                "table__columns__title": "@edition period",
                "bundle": [{"file": "a.csv", "origin_url": "", "publication": None, "period": "2023"}],
                "live": {"transport": "file_drop", "pattern": "(x)"},
            },
            "said of bundled files only, and others may come",
            id="a period of files that have none",
        ),
        pytest.param({"freshness": {"warn_after_days": 0, "error_after_days": 1}}, "warn_after", id="late at once"),
        pytest.param(
            {"markers": {"-": {"obs_status": "missing", "conf_status": "free", "meaning": "", "since": "2021-01-01"}}},
            "since: no such key",
            id="a marker that would change its meaning on a day",
        ),
    ],
)
def test_a_faulty_source_is_refused_by_name(tmp_path: Path, changes: dict[str, object], words: str) -> None:
    with pytest.raises(CatalogueError, match=words) as refused:
        sources(faulty(tmp_path, **changes))
    assert f"publication_register/{ENTRY}" in str(refused.value)


PLAIN: dict[str, object] = {"value": ["rank"], "period": "published_on"}
AREA: dict[str, object] = {"column": "publisher", "by": "code"}


@pytest.mark.parametrize(
    ("figures", "area", "words"),
    [
        pytest.param({}, AREA, "figures: no value; name the columns", id="no cells"),
        pytest.param(PLAIN | {"by_hand": True}, AREA, "all other keys but publication", id="by hand and described"),
        pytest.param({"by_hand": True, "publication": "nobody"}, AREA, "map: nobody; map them", id="by hand, unmapped"),
        pytest.param(PLAIN | {"lable": "title"}, AREA, "did you mean 'label'", id="a mistyped key"),
        pytest.param(PLAIN | {"label": "nobody"}, AREA, "does not map: nobody; map them", id="an unmapped column"),
        pytest.param(
            PLAIN | {"heading": "title"}, AREA, "heading is for one value with a label", id="no label to tell apart"
        ),
        pytest.param(
            PLAIN | {"value": ["rank", "url"], "lci_95": "note"},
            AREA,
            "lci_95 can stand beside one value only",
            id="of which",
        ),
        pytest.param(PLAIN | {"label": "title", "called": "All"}, AREA, "called says it of all; keep one", id="twice"),
        pytest.param(PLAIN | {"total": "All"}, AREA, "there are none; remove it", id="a total of nothing"),
        pytest.param(
            PLAIN | {"breakdowns": {"total": "note"}}, AREA, "call the part something else", id="a part called total"
        ),
        pytest.param(PLAIN | {"status": "final"}, AREA, "'provisional', 'revised' or 'estimated'", id="no such status"),
        pytest.param(PLAIN, None, "area names no column; add it", id="nowhere"),
        pytest.param({"value": ["rank"]}, AREA, "name it in one", id="at no time"),
        pytest.param(PLAIN, AREA | {"outside": ["S12"]}, "S12 is how S12000033", id="a council declared outside"),
        pytest.param(
            PLAIN,
            {"column": "publisher", "by": "name", "outside": ["E"]},
            "outside: E is how S12000008 .East Ayrshire. begins, which is kept",
            id="a council's name",
        ),
        pytest.param(PLAIN, AREA | {"outside": ["Grant aided"]}, "not how a code begins", id="a name for codes"),
        pytest.param(
            PLAIN | {"qualifiers": {"url": "note"}}, AREA, "url is not named under value", id="beside no cell"
        ),
    ],
)
def test_figures_that_cannot_be_found_are_refused_by_name(
    tmp_path: Path, figures: dict[str, object], area: dict[str, object] | None, words: str
) -> None:
    with pytest.raises(CatalogueError, match=words) as refused:
        sources(faulty(tmp_path, figures=figures, table__checks__area=area))
    (line,) = str(refused.value).splitlines()
    assert "publication_register/source.yml: " in line


BY_COLUMN = PLAIN | {"publication": "publication_id"}
SHIPS = [{"file": "a.csv", "origin_url": "https://example.invalid", "publication": None}]
ASKED = {"transport": "file", "address": "https://example.invalid/a", "hosts": ["example.invalid"], "tried_on": None}
DROPPED = {"transport": "file_drop", "pattern": r"(\d+)\.csv"}
NAMELESS = r"bundle\[0\]\.publication: is null, and there are figures in a\.csv; write id, .* figures: publication"
SERIESLESS = r"live\.publication_series: is missing, and there are figures; name the series .* figures: publication"


@pytest.mark.parametrize("figures", [PLAIN, {"by_hand": True}], ids=["described", "by hand"])
@pytest.mark.parametrize(
    ("bundle", "live", "words"),
    [
        pytest.param(SHIPS, None, NAMELESS, id="a file that ships"),
        pytest.param(SHIPS, ASKED | {"publication_series": "A series"}, NAMELESS, id="one whose publisher is asked"),
        pytest.param([], ASKED, SERIESLESS, id="what a publisher gives"),
        pytest.param([], DROPPED, SERIESLESS, id="what a person drops"),
    ],
)
def test_figures_of_no_publication_are_refused_where_that_is_written(
    tmp_path: Path,
    figures: dict[str, object],
    bundle: list[dict[str, object]],
    live: dict[str, object] | None,
    words: str,
) -> None:
    entry: dict[str, Any] = {"bundle": bundle, "live": live, "table__checks__area": AREA}
    with pytest.raises(CatalogueError, match=rf"publication_register/source\.yml: {words}") as refused:
        sources(faulty(tmp_path, figures=figures, **entry))
    assert len(str(refused.value).splitlines()) == 1
    read_folder.cache_clear()
    by_column = {"by_hand": True, "publication": "publication_id"} if "by_hand" in figures else BY_COLUMN
    assert sources(faulty(tmp_path, figures=by_column, **entry)), "each row names its own"


def test_one_publication_is_not_two_files(tmp_path: Path) -> None:
    described = yaml.safe_load((FOLDER / "lgbf" / ENTRY).read_text())
    described["bundle"].append(described["bundle"][1] | {"file": "another.csv"})
    write_entry(tmp_path, "lgbf", described)
    with pytest.raises(
        CatalogueError,
        match=r"lgbf/source\.yml: bundle\[2\]\.publication: id lgbf_2020_21_extract is that of .*bundle\[1\]",
    ):
        sources(tmp_path)


def test_two_editions_of_a_series_do_not_claim_one_rank(tmp_path: Path) -> None:
    for source_id in ("lgbf", "lgbf_children"):
        described = yaml.safe_load((FOLDER / source_id / ENTRY).read_text())
        described["bundle"][-1]["publication"]["rank"] = 7
        write_entry(tmp_path, source_id, described)
    with pytest.raises(
        CatalogueError,
        match=r"lgbf_children/source\.yml: bundle\[2\]\.publication: rank 7 of Local Government "
        r"Benchmarking Framework is that of .*lgbf/source\.yml: bundle\[1\]\.publication, too; give the later of "
        r"the two a higher one",
    ):
        sources(tmp_path)


def test_a_source_says_whether_it_holds_figures(tmp_path: Path) -> None:
    described = yaml.safe_load((FOLDER / "publication_register" / ENTRY).read_text())
    del described["figures"]
    write_entry(tmp_path, "publication_register", described)
    with pytest.raises(
        CatalogueError, match=r"publication_register/source\.yml: figures: missing; add it \(write null"
    ):
        sources(tmp_path)


def test_an_unknown_source_is_answered_with_the_known_ones() -> None:
    with pytest.raises(CatalogueError, match="lgbf"):
        source("lgfb")


def test_a_date_and_its_precision_agree() -> None:
    described = yaml.safe_load((FOLDER / "lgbf" / ENTRY).read_text())
    described["bundle"][0]["publication"]["published_on"] = date(2022, 1, 12)
    with pytest.raises(ValueError, match="precision"):
        Source.model_validate(described)


def test_the_areas_are_scotland_its_councils_and_its_boards() -> None:
    kinds = [kind for kind, _ in areas()]
    assert (kinds.count("country"), kinds.count("council"), kinds.count("health_board")) == (1, 32, 14)


@pytest.mark.parametrize("word", ["Edinburgh City", "Edinburgh, City of", "Eilean Siar", "Argyll & Bute", "Scotland"])
def test_publishers_spellings_are_understood(word: str) -> None:
    assert word in areas().names


def test_one_word_cannot_name_two_areas() -> None:
    country = [{"code": "S92000003", "name": "Scotland"}]
    councils = [{"code": "S12000047", "name": "Fife"}, {"code": "S12000020", "name": "Moray", "aliases": ["Fife"]}]
    with pytest.raises(ValueError, match="names both"):
        Areas.model_validate({"country": country, "councils": councils, "health_boards": []})


def test_a_mode_that_does_not_exist_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMISE_MODE", "lvie")
    with pytest.raises(PromiseError, match="PROMISE_MODE"):
        settings()


ONLY_LIVE = [source_id for source_id in SOURCES if not (source(source_id).bundle or source(source_id).own_dag)]


def test_some_sources_exist_only_at_their_publishers() -> None:
    assert len(ONLY_LIVE) >= 4


@pytest.mark.parametrize("source_id", ONLY_LIVE)
def test_what_exists_only_at_its_publisher_is_asked_there_and_nowhere_else(
    monkeypatch: pytest.MonkeyPatch, source_id: str
) -> None:
    assert connectors.fetch(source(source_id)) == []
    assert [source(source_id).is_asked(mode) for mode in ("bundle", "live")] == [False, True]
    assert f"ingest_{source_id}" in platform.dag_ids()
    assert f"ingest_{source_id}" not in platform.ingest_ids()
    monkeypatch.setenv("PROMISE_MODE", "live")
    assert f"ingest_{source_id}" in platform.ingest_ids()


def test_of_the_register_of_services_nothing_lands_but_counts() -> None:
    register = source("registered_services")
    assert isinstance(register.live, CareInspectorate)
    assert register.personal_data == "dropped"
    assert tuple(register.table.newest.values()) == care_inspectorate.HEADINGS
    (edition,) = register.bundle
    with gzip.open(FOLDER / register.id / edition.file, "rt", encoding="utf-8", newline="") as text:
        header, *rows = csv.reader(text)
    assert tuple(header) == care_inspectorate.HEADINGS
    assert {kind for _, _, kind, _, _ in rows} == set(register.live.kinds)
    assert {area for _, area, _, _, _ in rows} <= set(areas().names)
    assert {counted for _, _, _, counted, _ in rows} == {"services", "registered places"}
    assert all(number.isdecimal() for *_, number in rows)


def test_a_file_is_described_as_the_bundled_one_or_as_the_publishers_own() -> None:
    lgbf = source("lgbf")
    assert lgbf.as_landed("bundle:lgbf/lgbf_children_cells.csv.gz") is lgbf
    own = lgbf.as_landed("inbox:lgbf/lgbf 2023-24.xlsx")
    assert own.table.reader.shape == "workbook"
    assert list(own.table.newest.items()) == [
        ("council", "Local Authority"), ("heading", "@heading"), ("cell", "@cell"), ("cell_text", "@text"),
    ]  # fmt: skip
    assert own.as_landed("inbox:lgbf/lgbf 2023-24.xlsx") == own
    scotpho = source("scotpho_profiles")
    assert scotpho.as_landed("inbox:scotpho_profiles/x.csv") is scotpho, "where both look the same, nothing differs"


def test_the_publishers_own_file_must_give_the_same_columns(tmp_path: Path) -> None:
    reads = {"reader": {"shape": "delimited"}, "columns": {"publication_id": "Id", "title": "Titel"}}
    live = {"transport": "file_drop", "pattern": "(.*)", "reads": reads}
    with pytest.raises(CatalogueError, match="gives publication_id, title; expected what table: columns gives"):
        sources(faulty(tmp_path, live=live))


LIVE = [source_id for source_id in SOURCES if source(source_id).live is not None]


def test_some_sources_say_where_they_are_published() -> None:
    assert len(LIVE) >= 14


@pytest.mark.parametrize("source_id", LIVE)
def test_no_source_that_ships_reaches_into_this_machine(source_id: str) -> None:
    live = source(source_id).live
    assert live is not None
    assert not [host for host in getattr(live, "hosts", ()) if LOOPBACK.match(host.partition(":")[0])]


@pytest.mark.parametrize("mode", ["bundle", "live"])
def test_history_begins_with_the_bundle_and_in_live_mode_goes_on_with_what_is_shown_now(
    monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    monkeypatch.setenv("PROMISE_MODE", mode)
    transport = importlib.import_module("ingestion.connectors.statistics_gov_scot")
    monkeypatch.setattr(transport, "fetch", lambda described, live, talk: [f"the cube {live.dataset}"])
    first, *others = connectors.fetch(source("reconvictions"))
    assert first.requested_url.startswith("bundle:")
    assert others == (["the cube reconvictions"] if mode == "live" else [])
    (bundled,) = connectors.fetch(source("lgbf_family_groups"))
    assert bundled.requested_url.startswith("bundle:"), "there is nowhere else to look"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"address": "http://a.example/x"}, "is not https", id="not encrypted"),
        pytest.param({"hosts": ["b.example"]}, "not among hosts", id="a host that is not listed"),
        pytest.param({"hosts": []}, "hosts", id="no host"),
        pytest.param({"transport": "carrier_pigeon"}, "transport", id="an unknown transport"),
        pytest.param({"adress": "https://a.example"}, "adress", id="a mistyped key"),
        pytest.param({"limits": {"attempts": 0}}, "attempts", id="no attempt"),
    ],
)
def test_a_faulty_address_is_refused_by_name(tmp_path: Path, changes: dict[str, object], words: str) -> None:
    live = {"transport": "file", "address": "https://a.example/x", "hosts": ["a.example"], "tried_on": None}
    assert sources(faulty(tmp_path, live=live))
    (tmp_path / "again").mkdir()
    with pytest.raises(CatalogueError, match=words):
        sources(faulty(tmp_path / "again", live={**live, **changes}))


def test_every_source_that_ships_says_what_a_newer_file_takes_the_place_of() -> None:
    said = {source_id: "replaces" in source.model_fields_set for source_id, source in sources().items()}
    assert len(said) >= 25
    assert all(said.values()), [source_id for source_id, is_said in said.items() if not is_said]


@pytest.mark.parametrize(
    ("by", "outside"), [("code", ["E", "S01"]), ("name", ["Grant aided", "Grant-aided", "All local authorities"])]
)
def test_what_is_known_and_no_area_that_we_keep_is_declared_by_code_or_by_name(by: str, outside: list[str]) -> None:
    assert AreaColumn.model_validate({"column": "council", "by": by, "outside": outside}).outside == tuple(outside)


@pytest.mark.parametrize(
    ("by", "outside", "words"),
    [
        ("name", "Scot", "outside: Scot is how S92000003"),
        ("name", "scotland", "String should match pattern"),
        ("name", "All%", "String should match pattern"),
        ("name", "", "String should match pattern"),
        ("code", "Scot", "is not how a code begins"),
        ("code", "S12", "is how S12000033"),
    ],
)
def test_an_area_that_is_kept_is_never_outside(by: str, outside: str, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        AreaColumn.model_validate({"column": "council", "by": by, "outside": [outside]})
