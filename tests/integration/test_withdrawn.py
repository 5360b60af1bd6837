"""What a newer file should have, by what its source's entry says of it, and has not, is withdrawn."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import faults
import pytest
from psycopg import Connection

from expectations.publication_suite import suites
from ingestion import pipeline
from promise.settings import ROOT
from warehouse import transform, withdrawn

BUILT = (
    "catalogue__source", "path:models/staging/figures", "int_publications", "int_published_figures", "int_figures",
    "int_succession", "int_observation_history", "int_observation_contest", "int_observation_current",
    "int_published_history", "fct_observation", "fct_observation_vintage", "fct_source_conflict", "fct_break",
    "fct_history_event",
)  # fmt: skip
POVERTY = "children_in_relative_poverty"
(COVERAGE,) = (suite for suite in suites(frozenset(["lgbf"]), None) if suite.name == "council_coverage")
# In each a row is given another label, so that the file has as many rows and the figure is gone.
GONE = {
    "whole": (
        POVERTY, "children-in-relative-poverty.csv", "child_poverty__before_housing_council", "S12000041", "2021/22",
    ),
    "its_periods": ("scotpho_profiles", "scotpho_data.csv", "in_care__per_1000_council", "S12000006", "31 July 2021"),
    "nothing": (
        "promise_dashboard", "ppf_dashboard_capture_b.csv", "attendance_rate__looked_after", "S92000003", "2023/24",
    ),
    # The list has the figure of 2023 of two publications, and is left with the earlier.
    "taken_back": ("published_series", "published_series.csv", "in_care__count", "S92000003", "31 July 2023"),
}  # fmt: skip


def leave_out(folder: Path) -> None:
    rows = {
        POVERTY: (
            "areanm",
            "indicator",
            lambda row: (
                row["areanm"] == "Angus"
                and row["period"] == "2021-04-01/P1Y"
                and row["indicator"] == "Children in relative poverty before housing costs"
            ),
        ),
        "scotpho_profiles": (
            "area_name",
            "indicator",
            lambda row: (
                row["area_code"] == "S12000006" and row["indicator"] == "Children looked after by local authority"
            ),
        ),
        "promise_dashboard": (
            "period_as_published",
            "indicator_short_label",
            lambda row: row["value_as_published"] == "83.7%" and row["period_as_published"] == "2023/24",
        ),
        "published_series": ("period", "indicator", lambda row: row["value"] == "12084"),
    }
    for source_id, file, *_ in GONE.values():
        path = folder / source_id / file
        _, label, is_meant = rows[source_id]
        heading, *lines = faults.read(path)
        (line,) = [
            number for number, cells in enumerate(lines, start=2) if is_meant(dict(zip(heading, cells, strict=True)))
        ]
        faults.changed_cell(path, line, label, "Nothing that a measure is made of")


def take(conn: Connection[Any]) -> None:
    """Land, load and accept what is new, and build what stands of it."""
    for source_id, *_ in GONE.values():
        pipeline.load(source_id, pipeline.take(source_id))
    conn.execute("update ops.vintage set arrival = 'accepted' where arrival = 'pending'")
    with transform.environment():
        transform.write_generated()
        assert transform.invoke(["run", "--select", *BUILT]).success
        assert transform.invoke(["test", "--select", "one_figure_stands_at_any_time_fct_observation_vintage_"]).success


@pytest.fixture(scope="module")
def states(landed_for_module: Connection[Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What stands, happened and is said: of the bundle, of files that leave figures out, and of the bundle again."""
    bundle = tmp_path_factory.mktemp("bundle") / "sources"
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROMISE_BUNDLE", str(bundle))
        for name in ("before", "gone", "again"):
            shutil.rmtree(bundle, ignore_errors=True)
            shutil.copytree(ROOT / "ingestion" / "sources", bundle)
            if name == "gone":
                leave_out(bundle)
            take(landed_for_module)
            found[name] = {
                "stands": {
                    row[:6]: row[6:]
                    for row in landed_for_module.execute(
                        b"select measure_id, area_code, period_label, breakdown, breakdown_value, unit,"
                        b" obs_value::text, publication_id from candidate.fct_observation"
                    ).fetchall()
                },
                "history": landed_for_module.execute(
                    b"select measure_id, area_code, period_label, publication_id, obs_value is not null,"
                    b" published_from is not null, published_to is not distinct from withdrawn_from,"
                    b" withdrawn_from is not null, is_latest"
                    b" from candidate.fct_observation_vintage"
                ).fetchall(),
                "events": landed_for_module.execute(
                    b"select kind, measure_id, area_code, period_label, value_before is not null,"
                    b" value_after is not null from candidate.fct_history_event"
                    b" where kind in ('withdrawn', 'given_again') order by 1, 2"
                ).fetchall(),
                "words": withdrawn.words(landed_for_module),
                "not_covered": landed_for_module.execute(
                    f"select count(*) from ({COVERAGE.query}) as cell where figure_area_code is null".encode()
                ).fetchone(),
            }
    yield found


def of(rows: Any, rule: str) -> list[Any]:
    return [row[3:] for row in rows if row[:3] == GONE[rule][2:]]


def test_nothing_that_ships_is_withdrawn(states: dict[str, Any]) -> None:
    before = states["before"]
    assert len(before["stands"]) > 5000
    assert (before["events"], before["words"]) == ([], [])
    assert not any(row[7] for row in before["history"])


def test_what_stands_is_all_but_what_was_left_out(states: dict[str, Any]) -> None:
    before, gone = states["before"]["stands"], states["gone"]["stands"]
    assert sorted(key[:3] for key in before.keys() - gone.keys()) == sorted(
        GONE[rule][2:] for rule in ("whole", "its_periods")
    )
    assert gone.keys() <= before.keys()
    changed = {key[:3]: (before[key][0], gone[key][0]) for key in gone if gone[key][0] != before[key][0]}
    assert changed == {GONE["taken_back"][2:]: ("12084", "12206")}, "the list still has what was published first"


@pytest.mark.parametrize("rule", ["whole", "its_periods"])
def test_the_history_keeps_what_was_withdrawn_and_says_since_when(states: dict[str, Any], rule: str) -> None:
    ((_, has_value, has_stood, ends_then, is_withdrawn, is_latest),) = of(states["gone"]["history"], rule)
    assert (has_value, is_withdrawn, is_latest) == (True, True, False)
    assert ends_then or not has_stood, "it stood until then, unless it came on the same day"


def test_a_row_that_a_list_takes_back_keeps_its_place_in_the_history(states: dict[str, Any]) -> None:
    rows = {row[0]: row[1:] for row in of(states["gone"]["history"], "taken_back")}
    assert rows["csws_2023_24_looked_after"] == (True, False, False, True, False)
    assert rows["csws_2022_23_looked_after"][-1] is True


def test_a_file_that_only_adds_takes_nothing_back(states: dict[str, Any]) -> None:
    rows = {row[0]: row[1:] for row in of(states["gone"]["history"], "nothing")}
    assert rows["ppf_dashboard_capture_b"][-1] is True
    assert not any(is_withdrawn for *_, is_withdrawn, _ in rows.values())


def test_gone_and_given_again_are_two_events(states: dict[str, Any]) -> None:
    rules = sorted(("whole", "its_periods"), key=lambda rule: GONE[rule][2])
    assert states["gone"]["events"] == [("withdrawn", *GONE[rule][2:], True, False) for rule in rules]
    assert [event[:4] for event in states["again"]["events"]] == [
        (kind, *GONE[rule][2:]) for kind in ("given_again", "withdrawn") for rule in rules
    ]
    assert states["again"]["stands"] == states["before"]["stands"], "row for row as before"


def test_a_council_whose_figure_was_withdrawn_is_not_lost_by_a_model(states: dict[str, Any]) -> None:
    """Or the publication gate would refuse every release from then on."""
    assert [states[name]["not_covered"] for name in ("before", "gone", "again")] == [(0,)] * 3


def test_the_run_names_the_source_how_many_and_one_of_them(states: dict[str, Any]) -> None:
    of_councils, of_profiles = states["gone"]["words"]
    assert of_councils.startswith(f"{POVERTY}: 1 figure that it gave before is not in vintage ")
    assert "such as child_poverty__before_housing_council of Angus, 2021/22: withdrawn since " in of_councils
    assert of_profiles.startswith("scotpho_profiles: 1 figure ")
    assert states["again"]["words"] == []
