"""A correction changes what is shown from the day it was declared, stays visible, and goes when it is no longer
needed.
"""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from promise import database
from warehouse import transform

LABEL = "School leavers who experienced care in last school year: positive destination 9 months after leaving"
WHERE = "measure_id = 'positive_destination__looked_after' and period_label = '2019/20'"
CHECK = "corrections_are_still_needed"


def declare(conn: psycopg.Connection[Any], **changes: str | None) -> None:
    """Put a correction where the seed is loaded to: of the December 2025 state, which prints 75.0%."""
    declared: dict[str, str | None] = {
        "correction_id": "corr_trial",
        "source_id": "promise_dashboard",
        "publication_id": "ppf_dashboard_capture_b",
        "series_label": LABEL,
        "series_heading": "Percentage",
        "area_published": "Scotland",
        "period_published": "2019/20",
        "value_published": "75.0%",
        "value_corrected": "75.2%",
        "reason": "A trial.",
        "declared_by": "A test",
        "declared_on": "2026-02-01",
    } | changes
    names = ", ".join(declared)
    conn.execute(
        f"insert into staging.catalogue__correction ({names}) values ({', '.join(['%s'] * len(declared))})".encode(),
        list(declared.values()),
    )


def dbt(*selected: str) -> list[str]:
    with transform.environment():
        outcome = transform.invoke(["build", "--select", *selected, "--exclude-resource-type", "unit_test", "seed"])
    found = []
    for result in outcome.result.results:
        if str(result.status) == "fail":
            with database.connect() as conn:
                found += [row[0] for row in conn.execute(result.node.compiled_code.encode()).fetchall()]
        else:
            assert str(result.status) in ("success", "pass"), (result.node.name, result.message)
    return found


def test_both_figures_stay_and_each_stands_in_its_time(copy_of_warehouse: psycopg.Connection[Any]) -> None:
    conn = copy_of_warehouse
    declare(conn)
    assert dbt("path:models/intermediate", *transform.SELECT["marts"]) == []
    assert conn.execute(
        "select obs_value::text, entry, published_from::text, published_to::text, is_latest"
        f" from candidate.fct_observation_vintage where {WHERE} order by published_from".encode()
    ).fetchall() == [
        ("75", "published", "2023-08-15", "2025-09-30", False),
        ("75.3", "published", "2025-09-30", "2025-12-31", False),
        ("75.0", "published", "2025-12-31", "2026-02-01", False),
        ("75.2", "corrected", "2026-02-01", None, True),
    ]
    shown = conn.execute(f"select obs_value::text, is_revised from candidate.fct_observation where {WHERE}".encode())
    assert shown.fetchall() == [("75.2", True)], "the publisher's revision is one, ours is none"
    way = conn.execute(
        f"select value_published, what_was_done, correction_id, earlier_figures from candidate.provenance where"
        f" {WHERE}".encode()
    ).fetchone()
    assert way is not None
    assert way[0] == "75.0%", "the landed cell is what it was"
    assert way[1] == (
        '"75.0%" was corrected by us to "75.2%": A trial. (A test, 2026-02-01); Promise Progress Framework dashboard'
        " restates Education Outcomes for Looked After Children"
    )
    assert way[2:] == ("corr_trial", 3)
    assert conn.execute(
        "select value_before::text, value_after::text, known_from::text from candidate.fct_history_event where"
        " kind = 'correction'"
    ).fetchall() == [("75.0", "75.2", "2026-02-01")]
    revisions = [
        conn.execute(f"select count(*) from {schema}.fct_revision".encode()).fetchone()
        for schema in ("candidate", "marts")
    ]
    assert revisions[0] == revisions[1], "as without the correction"
    # What was known on a day counts the correction from the day it was declared.
    made = conn.execute("select pg_get_functiondef('candidate.observation_as_of(date)'::regprocedure)").fetchone()
    assert made is not None
    conn.execute(made[0].replace("marts.", "candidate.").encode())
    known = [
        conn.execute(
            f"select obs_value::text from candidate.observation_as_of('{day}') where {WHERE}".encode()
        ).fetchone()
        for day in ("2026-01-31", "2026-02-01")
    ]
    assert known == [("75.0",), ("75.2",)]


def test_a_figure_can_be_corrected_to_a_marker(copy_of_warehouse: psycopg.Connection[Any]) -> None:
    conn = copy_of_warehouse
    declare(
        conn,
        source_id="lgbf",
        publication_id="lgbf_2020_21_extract",
        series_label="CHN20b",
        series_heading=None,
        area_published="Eilean Siar",
        period_published="2018-19",
        value_published="0",
        value_corrected="*",
    )
    assert dbt("int_observation_history", CHECK) == []
    assert conn.execute(
        "select obs_value, conf_status from intermediate.int_observation_history where correction_id = 'corr_trial'"
    ).fetchall() == [(None, "suppressed_by_publisher")]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"period_published": "2019-20"}, "it matches no figure of promise_dashboard", id="no such cell"),
        pytest.param({"publication_id": "nobody"}, "it matches no figure", id="no such publication"),
        pytest.param(
            {"value_published": "57.0%"}, 'it expects "57.0%" and the cell holds "75.0%"', id="another text there"
        ),
        pytest.param(
            {"value_published": "57.0%", "value_corrected": "75.00%"},
            'the publisher has since made it, the cell holds "75.0%"; remove it',
            id="made in the same publication",
        ),
        pytest.param(
            {"publication_id": "ppf_dashboard_capture_a", "value_published": "75.3%", "value_corrected": "75.0%"},
            "the publisher has since made it, in ppf_dashboard_capture_b; remove it",
            id="made in a later publication",
        ),
    ],
)
def test_a_correction_that_does_not_apply_is_refused_in_words(
    copy_of_warehouse: psycopg.Connection[Any], changes: dict[str, str], says: str
) -> None:
    declare(copy_of_warehouse, **changes)
    (problem,) = dbt("int_observation_history", CHECK)
    assert problem.startswith("corr_trial: ")
    assert says in problem
