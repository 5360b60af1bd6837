"""Every query of the site, over `marts` and nothing else.

All of them run on one connection that holds the release still (`warehouse.releases.reading`), so they see one release.
Every query has an order, because the same release must give the same bytes.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, Generic, TypeVar, overload

import psycopg
from psycopg.rows import args_row

from bi.marts import expanded, released
from bi.site import map_rows, rows
from promise.errors import PromiseError

NATION = "S92000003"
SHOWN = 12  # changes of one day, kind and measure; how many others there are is counted
# What one publication after another says of one figure.
LINE = "measure_id, area_code, period_start, period_end, breakdown, breakdown_value, publication_series"

R = TypeVar("R", bound=tuple[Any, ...])


class Query(Generic[R]):
    """The rows of a type, from where the SQL after `from` says, with the fields of the type as columns.

    As an attribute of `Marts` it is the query of the class, and the rows of an instance, read when first asked for.
    """

    def __init__(self, row: type[R], source: str) -> None:
        self.row = row
        self.sql = f"select {', '.join(row._fields)} from {source}"  # type: ignore[attr-defined]  # a NamedTuple

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, marts: None, owner: type) -> Query[R]: ...

    @overload
    def __get__(self, marts: Marts, owner: type) -> list[R]: ...

    def __get__(self, marts: Marts | None, owner: type) -> Query[R] | list[R]:
        if marts is None:
            return self
        fetched = self.fetch(marts)
        marts.__dict__[self.name] = fetched  # where Python looks first, so this is not called again
        return fetched

    def fetch(self, marts: Marts) -> list[R]:
        """All rows, in the query's order. Raises PromiseError where another revision's release lacks a column."""
        with marts.conn.cursor(row_factory=args_row(self.row)) as cursor:
            try:
                return cursor.execute(expanded(self.sql, marts.released).encode()).fetchall()
            except (psycopg.errors.UndefinedColumn, psycopg.errors.UndefinedTable) as error:
                raise PromiseError(
                    f"site: release {marts.release.release_id} was made by another revision, and lacks what the query "
                    f"{self.name!r} reads ({error.diag.message_primary}). Make one of this revision: `promise run`"
                ) from error


class Marts:
    """Everything the pages are made of, as one release has it."""

    def __init__(self, conn: psycopg.Connection[Any]) -> None:
        self.conn = conn

    @cached_property
    def released(self) -> list[str]:
        """The names of all marts of the release."""
        return released(self.conn)

    @property
    def release(self) -> rows.Release:
        """The release that all of this is of."""
        return self.releases[0]

    releases = Query(rows.Release, "marts.release_info")
    release_changes = Query(rows.ReleaseChange, "marts.release_change order by indicator_id, measure_id, area_code")
    vision_statements = Query(rows.VisionStatement, "marts.dim_vision_statement order by number")
    outcomes = Query(rows.Outcome, "marts.dim_outcome order by vision_statement_id, number, outcome_id")
    indicators = Query(
        rows.Indicator, "marts.dim_indicator order by vision_statement_id, outcome_id, display_order, indicator_id"
    )
    measures = Query(
        rows.Measure,
        """marts.dim_measure
        order by indicator_id,
                 case role when 'headline' then 1 when 'companion' then 2 when 'comparator' then 3 else 4 end,
                 display_order, measure_id""",
    )
    councils = Query(
        rows.Council, "marts.dim_area where area_type = 'council' and is_current order by area_name, area_code"
    )
    boundaries = Query(
        rows.Boundary,
        "marts.dim_area_boundary where area_code in (select area_code from marts.dim_area where area_type = 'council')"
        " order by area_code",
    )
    sources = Query(rows.Source, "marts.dim_source order by title, source_id")
    publications = Query(rows.Publication, "marts.dim_publication order by publication_id")
    organisations = Query(rows.Organisation, "marts.dim_organisation order by name, organisation_id")
    datasets = Query(
        rows.Dataset,
        """marts.dim_dataset
        order by cardinality(vision_statement_ids) = 0, entry = 'source', lower(title), dataset_id""",
    )
    observations = Query(
        rows.Observation,
        """marts.fct_observation
        order by measure_id, area_code, period_start, period_end, breakdown, breakdown_value""",
    )
    # Only cells that were published more than once in a series can have been revised. Another series that gives another
    # figure is a conflict of sources. Of councils, pages show the lines in which a figure changed and no others.
    editions = Query(
        rows.Edition,
        f"""(
            select *, count(*) over (partition by {LINE}) as editions
            from (
                select * from marts.fct_observation_vintage where area_code = '{NATION}'
                union all
                select * from marts.fct_observation_vintage
                where area_code != '{NATION}' and ({LINE}) in (
                    select {LINE} from marts.fct_observation_vintage where is_revised
                )
            ) as of_pages
        ) as every_edition
        where editions > 1
        order by {LINE}, position, publication_id, source_cell""",
    )
    conflicts = Query(
        rows.Conflict,
        """marts.fct_source_conflict
        order by measure_id, area_code, period_start, period_end, breakdown, breakdown_value, other_publication_id""",
    )
    standings = Query(rows.Standing, "marts.outcome__* where measure_id != 'none' order by measure_id")
    progress = Query(rows.Progress, f"marts.fct_progress where area_code = '{NATION}' order by measure_id")
    gaps_to_comparator = Query(
        rows.ComparatorGap,
        f"""marts.fct_gap where area_code = '{NATION}' and breakdown = 'total'
        order by measure_id, period_start, period_end""",
    )
    benchmarks = Query(rows.Benchmark, "marts.fct_benchmark order by measure_id, period_start, period_end, area_code")
    data_gaps = Query(
        rows.DataGap,
        "marts.fct_data_gap where about != 'map'"
        " order by vision_statement_id nulls first, outcome_id nulls first, data_gap_id",
    )
    # Every earlier period is a baseline that somebody may prefer.
    changes = Query(
        rows.Change,
        f"""marts.fct_change
        left join (select break_id, reason as break_reason from marts.fct_break) as break using (break_id)
        where area_code = '{NATION}' order by measure_id, from_period_start""",
    )
    checks = Query(
        rows.Check,
        """marts.fct_reconciliation where verdict != 'agrees'
        order by measure_id, area_code, period_start, period_end, breakdown, breakdown_value, kind""",
    )
    matrix = Query(rows.MatrixCell, "marts.council_matrix order by display_order, measure_id, area_code")
    basket = Query(
        rows.BasketList, "marts.direction_by_rule order by rule, scope, publication_state, counted_as, judgement"
    )
    disagreements = Query(rows.Disagreement, "marts.judgement_disagreement order by indicator_id")
    evidence = Query(rows.Evidence, "marts.fct_evidence order by vision_statement_ids, strand, title, evidence_id")
    milestones = Query(
        rows.Milestone, "marts.fct_milestone order by vision_statement_id, due_on nulls last, title, milestone_id"
    )
    breaks = Query(rows.Break, "marts.fct_break order by new_from, break_id")
    # Of Scotland alone: what stands of a council is in the files, and there are a hundred times as many.
    provenance = Query(
        rows.Provenance,
        f"""marts.provenance where area_code = '{NATION}'
        order by measure_id, period_start, period_end, breakdown, breakdown_value""",
    )
    responsibilities = Query(rows.Responsibility, "marts.fct_responsibility order by indicator_id")
    roles = Query(rows.Role, "marts.bridge_organisation_role order by organisation_role_id")
    reports = Query(rows.Report, "marts.dim_report order by display_order, report_id")
    owed = Query(
        rows.Owed, "marts.fct_reporting_status order by expected_until nulls last, title, organisation_id, report_id"
    )
    expected = Query(
        rows.Expected, "marts.fct_publication_calendar order by expected_until nulls last, title, source_id"
    )
    # Scotland before the councils: it is what most people look for. A break is no change of a figure.
    events = Query(
        rows.Event,
        f"""(
            select *,
                   count(*) over together as many,
                   row_number() over (
                       together
                       order by (area_code = '{NATION}' and breakdown = 'total') is true desc, event_id
                   ) as place
            from marts.fct_history_event
            where kind != 'break'
            window together as (partition by known_from, kind, measure_id)
        ) as every_event
        where place <= {SHOWN}
        order by known_from desc nulls last, measure_id is null, kind, measure_id, place""",
    )
    revision_summaries = Query(rows.RevisionSummary, "marts.fct_revision_summary order by indicator_id, measure_id")
    recommendations = Query(rows.Recommendation, "marts.fct_recommendation order by display_order, recommendation_id")

    # The Data Map: what its pages show beside the datasets.
    map_gaps = Query(
        map_rows.MapGap,
        "marts.fct_data_gap where about = 'map' order by kind, vision_statement_id nulls first, data_gap_id",
    )
    dataset_links = Query(
        map_rows.DatasetLink, "marts.bridge_dataset_link order by dataset_id, vision_statement_id nulls last, target_id"
    )
    duplicates = Query(
        map_rows.Duplicate, "marts.fct_dataset_duplicate order by score desc, dataset_id, other_dataset_id"
    )
    joinable = Query(
        map_rows.Joinable,
        "marts.fct_dataset_link order by blocked_by = 'unknown', blocked_by, dataset_id, other_dataset_id",
    )
    question_answers = Query(map_rows.QuestionAnswer, "marts.fct_question_answer order by question_id")
    search_words = Query(map_rows.SearchWord, "marts.dim_search_word order by synonym_group, word")
    requirements = Query(
        map_rows.Requirement, "marts.fct_reporting_requirement order by title, report_id, organisation_id"
    )
    strands = Query(map_rows.Strands, "marts.outcome_strands order by vision_statement_id, outcome_id")


QUERIES: dict[str, Query[Any]] = {name: query for name, query in vars(Marts).items() if isinstance(query, Query)}


M = TypeVar("M", bound=Marts)


def read(conn: psycopg.Connection[Any], kind: type[M] = Marts) -> M:  # type: ignore[assignment]  # the usual one
    """What a site is made of, on this connection. Raises PromiseError when nothing has been released."""
    marts = kind(conn)
    if conn.execute("select to_regclass('marts.release_info')").fetchone() == (None,) or not marts.releases:
        raise PromiseError("site: nothing has been released yet, so there is nothing to show: run make run")
    return marts
