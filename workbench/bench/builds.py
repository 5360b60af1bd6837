"""The SQL of a full build by itself: each model as dbt compiles it, made as dbt makes it, without dbt's own time.

For `promise bench`, which takes its time, and for the test that looks at the plans.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from psycopg import Connection, sql

from ingestion import pipeline
from promise import database
from promise.catalogue.framework import framework
from promise.catalogue.sources import sources
from warehouse import candidate, readings, releases, runs, transform
from workbench.bench import reads, synthetic
from workbench.bench.figure import Figure, Sizes, timed
from workbench.bench.synthetic import SERIES, Shape, land

STAGED = ("resource_type:seed", "path:functions/values", "path:functions/intermediate", "path:models/staging")
MODELS = ("path:models/intermediate", "path:models/marts")
METHODS = ("path:functions/methods", "path:functions/judging")
BY_HAND = ("fct_observation_vintage", "fct_observation", "fct_revision")  # in by_hand.sql


@dataclass(frozen=True)
class Model:
    """A model with all that its table is made of."""

    name: str
    folder: str  # below models/, such as marts/facts
    relation: str
    query: str
    columns: Mapping[str, str]  # with their types, where a contract promises them
    constraints: Sequence[str]
    indexes: Sequence[Sequence[str]]
    before: Sequence[str]  # statements of its transaction
    after: Sequence[str]
    reads: Sequence[str]  # the relations that the query is of

    @property
    def creation(self) -> str:
        """What makes the table empty; nothing where the query itself says its shape."""
        if not self.columns:
            return ""
        parts = [*(f"{name} {kind}" for name, kind in self.columns.items()), *self.constraints]
        return f"create table {self.relation} ({', '.join(parts)})"

    @property
    def filling(self) -> str:
        """What fills the table, and makes it where the query itself says its shape."""
        if not self.columns:
            return f"create table {self.relation} as {self.query}"
        names = ", ".join(self.columns)
        return f"insert into {self.relation} ({names}) select {names} from ({self.query}) as made"


def models() -> list[Model]:
    """Every model from intermediate on, in an order in which they can be made."""
    transform.write_generated()
    with transform.environment():
        known = transform.read()
        outcome = transform.invoke(["compile", "--select", *MODELS, "--no-introspect"], known)
    _must_be_done(outcome)
    relations = {name: each.relation_name for part in (known.nodes, known.sources) for name, each in part.items()}
    nodes = {each.node.unique_id: each.node for each in outcome.result.results if each.node.resource_type == "model"}
    # A model may read others through a function.
    through = {name: each.depends_on.nodes for name, each in known.functions.items()}
    order = TopologicalSorter(through | {name: [*node.depends_on.nodes] for name, node in nodes.items()}).static_order()
    return [_model(nodes[name], relations) for name in order if name in nodes]


def make_functions() -> None:
    """The functions that models call and readers ask, in the candidate, before the models are made."""
    with transform.environment():
        _must_be_done(transform.invoke(["build", "--select", *METHODS]))


def make(conn: Connection[Any], model: Model, prefix: str = "") -> list[Any]:
    """Make the table of a model with its indexes and statistics.

    `prefix`: `explain …` before the statement that fills it, of which the rows are given.
    """
    planning = [f"set local {name} = '{value}'" for name, value in transform.PLANNING.items()]
    with conn.transaction():
        for statement in (*planning, *model.before, f"drop table if exists {model.relation} cascade", model.creation):
            if statement:
                conn.execute(statement.encode())
        cursor = conn.execute(f"{prefix} {model.filling}".encode())
        rows = cursor.fetchall() if cursor.description else []
        for columns in model.indexes:
            conn.execute(f"create index on {model.relation} ({', '.join(columns)})".encode())
        for statement in model.after:
            conn.execute(statement.encode())
    return rows


def _must_be_done(outcome: Any) -> None:
    if not outcome.success:
        failed = [each.node.name for each in getattr(outcome.result, "results", ()) if str(each.status) == "error"]
        raise RuntimeError(f"dbt did not do it: {outcome.exception or ', '.join(failed)}")


def _model(node: Any, relations: Mapping[str, str]) -> Model:
    contract = node.config.contract.enforced
    return Model(
        name=node.name,
        folder="/".join(node.fqn[1:-1]),
        relation=node.relation_name,
        query=node.compiled_code,
        columns={
            column.name: column.data_type + "".join(f" {_words(each)}" for each in column.constraints)
            for column in node.columns.values()
        }
        if contract
        else {},
        constraints=[
            f"{_words(each)} ({each.expression or ', '.join(each.columns)})" for each in node.constraints if contract
        ],
        indexes=[each["columns"] for each in node.config.get("indexes") or ()],
        before=[each.sql for each in node.config.pre_hook],
        after=[each.sql.replace("{{ this }}", node.relation_name) for each in node.config.post_hook],
        reads=[relations[each] for each in node.depends_on.nodes if each in relations],
    )


def _words(constraint: Any) -> str:
    return str(constraint.type.value).replace("_", " ")


def measure(shape: Shape, sizes: Sizes) -> list[Figure]:
    """A full build of synthetic figures in the database in force, beside the same marts by hand, and reading it."""
    with database.connect() as conn:
        # A server that was given rather than made for this may be careful; this data need not survive.
        conn.execute("set synchronous_commit = off")
        cells = staged(conn, shape)
    every = models()
    with database.connect("transformer") as conn:
        candidate.clear(conn)
    make_functions()
    with database.connect("transformer", autocommit=True) as conn:
        seconds = {model.name: timed(lambda model=model: make(conn, model)) for model in every}  # type: ignore[misc]
        by_hand = _by_hand(conn)
        names = _with_what_they_read(every, BY_HAND)
    of = f"build of {cells:,} published figures"
    filled = _fill()
    read = _read(cells, sizes)
    slowest = sorted(seconds, key=lambda name: -seconds[name])[:3]
    return [
        Figure(
            f"{of}: the SQL of {len(every)} models",
            sum(seconds.values()),
            None,
            "s",
            f"most: {', '.join(f'{name} {seconds[name]:.1f} s' for name in slowest)}; wanted: under 60 s for a million",
        ),
        Figure(
            f"{of}: {', '.join(BY_HAND)}",
            sum(seconds[name] for name in names),
            by_hand,
            "s",
            f"with the {len(names) - len(BY_HAND)} models that they are made of; limit: the same rows by hand; wanted:"
            " within 1.5 times",
        ),
        *read,
        *_one_new_vintage(every, sum(seconds.values()) + filled),
    ]


def staged(conn: Connection[Any], shape: Shape) -> int:
    """Everything that the models are made of, with statistics; how many cells have synthetic figures."""
    of_figures = {series.source for _, _, series in framework().series()}
    for source_id in sources():
        if source_id not in of_figures:
            pipeline.load(source_id, pipeline.take(source_id))
    conn.execute("update ops.vintage set arrival = 'accepted'")
    cells = land(conn, shape)
    conn.commit()
    transform.write_generated()
    with transform.environment():
        os.environ["PGOPTIONS"] += " -c check_function_bodies=off"  # one is of models that are not made yet
        outcome = transform.invoke(["build", "--select", *STAGED, "--exclude-resource-type", "test", "unit_test"])
    _must_be_done(outcome)
    conn.autocommit = True
    conn.execute("analyze")
    return cells


def _by_hand(conn: Connection[Any]) -> float:
    """Seconds that the same marts take by hand. Raises if their rows are not those of the models."""
    conn.execute("drop schema if exists by_hand cascade")
    conn.execute("create schema by_hand")
    statements = (Path(__file__).parent / "by_hand.sql").read_text()
    for name, value in transform.PLANNING.items():
        conn.execute(f"set {name} = '{value}'".encode())
    for word, name in SERIES.items():
        statements = statements.replace(f"%({word})s", sql.Literal(name).as_string(conn))
    seconds = timed(lambda: conn.execute(statements.encode()))
    for mart in BY_HAND:
        cursor = conn.execute(f"select * from by_hand.{mart} limit 0".encode())
        columns = ", ".join(column.name for column in cursor.description or ())
        one, other = (f"select {columns} from {schema}.{mart}" for schema in (candidate.SCHEMA, "by_hand"))
        differ = conn.execute(
            f"select count(*), (select count(*) from {candidate.SCHEMA}.{mart})"
            f" from (({one} except all {other}) union all ({other} except all {one})) as differing".encode()
        ).fetchone()
        if differ is None or differ[0] or not differ[1]:
            raise RuntimeError(f"{mart} by hand is not {mart} of the models: rows that differ, and rows: {differ}")
    return seconds


def _with_what_they_read(every: Sequence[Model], names: Collection[str]) -> list[str]:
    """The models of these names, and those that they are made of."""
    wanted = {model.relation for model in every if model.name in names}
    for model in reversed(every):
        if model.relation in wanted:
            wanted |= {*model.reads}
    return [model.name for model in every if model.relation in wanted]


def _one_new_vintage(every: Sequence[Model], whole: float) -> list[Figure]:
    """When a hundredth is new: how long dbt is at the tables that keep what they read, beside reading all of it; what
    building and filling take, beside the `whole` of both."""
    of_all = _seconds_of_readings()
    source = sources()["scotpho_profiles"]
    with database.connect() as conn:
        there = conn.execute("select count(*) from intermediate.int_published_figures").fetchone()
        assert there is not None
        new = synthetic.vintage(
            conn,
            source,
            edition=1,
            rows=f"select {', '.join(source.table.columns)} from raw.{source.raw_table} where _vintage ="
            f" (select max(vintage) from ops.vintage where source_id = '{source.id}') limit {there[0] // 100}",
        )
    what, wanted = f"{new:,} published figures of one new vintage, of {there[0]:,} that there are", "wanted: 5 % of it"
    seconds = _seconds_of_readings()
    kept = {node.name for node in readings.kept()}
    with database.connect("transformer") as conn:
        candidate.clear(conn)
    make_functions()
    with database.connect("transformer", autocommit=True) as conn:
        others = sum(timed(lambda model=model: make(conn, model)) for model in every if model.name not in kept)  # type: ignore[misc]
    return [
        Figure(
            f"read {what}",
            seconds,
            None,
            "s",
            f"all of them: {of_all:.1f} s, by the same dbt; what stands then is what reading all gives; {wanted}",
        ),
        Figure(
            f"build and fill with {what}",
            seconds + others + _fill(),
            None,
            "s",
            f"with none that stood before: {whole:.1f} s; {wanted}",
        ),
    ]


def _seconds_of_readings() -> float:
    """Raises if what stands then is not what reading everything gives."""
    with transform.environment():
        outcome = transform.invoke(["run", "--select", readings.KEPT])
    _must_be_done(outcome)
    with database.connect("transformer") as conn:
        if found := [*readings.differences(conn, [each.node for each in outcome.result.results])]:
            raise RuntimeError(f"what was kept is not what reading everything gives: {found}")
    # What the server would do by itself within the minute, and hold up the next to do so.
    with database.connect("transformer", autocommit=True) as conn:
        for each in outcome.result.results:
            conn.execute(f"vacuum (analyze) {each.node.relation_name}".encode())
    return float(sum(each.execution_time for each in outcome.result.results))


def _fill() -> float:
    """Seconds in which what was built becomes a release."""
    with database.connect() as conn:
        run_id = runs.open_run(conn, airflow_is_gone=True)
        candidate.seal(conn, run_id)
        candidate.pass_gate(conn, run_id)
    return timed(lambda: releases.publish(run_id))


def _read(cells: int, sizes: Sizes) -> list[Figure]:
    """What people wait for, when all that was built is released."""
    with releases.reading() as conn:
        asked = {
            "site queries": reads.site_queries(conn, sizes),
            "Metabase questions": reads.metabase_questions(conn, sizes),
        }
    return [_in_the_95th(what, seconds, cells) for what, seconds in asked.items()]


def _in_the_95th(what: str, seconds: Mapping[str, float], cells: int) -> Figure:
    slowest = sorted(seconds, key=lambda name: -seconds[name])[:3]
    return Figure(
        f"p95 of {len(seconds)} {what} over {cells:,} published figures",
        statistics.quantiles(seconds.values(), n=20, method="inclusive")[-1],
        None,
        "s",
        f"slowest: {', '.join(f'{name} {seconds[name]:.2f} s' for name in slowest)}; wanted: under 0.1 s",
    )
