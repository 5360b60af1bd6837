"""How long it takes to find pairs of datasets that are alike or could be joined, among thousands that are made up."""

from __future__ import annotations

import contextlib
import io
import random

from psycopg import Connection
from psycopg.types.json import Jsonb

from promise import database
from promise.errors import PromiseError
from warehouse import transform
from workbench.bench.figure import Figure, Sizes, timed

WORDS, OF_ONE = 4_000, 12  # of a vocabulary in which few words are common, as those of titles are; stems of a dataset
POPULATIONS = ("looked_after", "care_experienced", "edge_of_care", "all_children", "families", "workforce", "other")
IDENTIFIERS = ("chi", "candidate_number", "child_id", "local_case", "none", "date_of_birth", "name")
STEMS = """
    create temp table stems as
    with own as (select distinct id as dataset_id, stem from made, jsonb_array_elements_text(made.words) as word(stem)),
    known as (
        select stem, count(*)::integer as datasets,
               ln(1 + (select count(*) from made)::double precision / count(*)) as rarity
        from own group by stem
    )
    select own.dataset_id, own.stem, known.datasets,
           known.rarity / sqrt(sum(known.rarity * known.rarity) over (partition by own.dataset_id)) as weight
    from own join known on known.stem = own.stem"""
DATASETS = """
    create temp table datasets as
    select id as dataset_id, array[population] as population, array[identifier] as identifiers,
           case when number % 2 = 0 then array['public_task'] else array[]::text[] end as lawful_basis,
           (array['in_place', 'none', 'in_preparation', null])[1 + number % 4] as sharing_agreements,
           date '2000-01-01' + number % 8000 as period_from,
           case when number % 2 = 0 then date '2022-01-01' + number % 1500 end as period_to,
           (array['scotland', 'council', 'health_board'])[1 + number % 3] as geography,
           true as has_records, number % 4 = 0 as is_of_care
    from made"""


def measure(sizes: Sizes) -> list[Figure]:
    """Both searches, as the marts have them, over so many datasets that all have records of people."""
    alike, joinable = (
        _compiled(f"{{{{ {call} }}}}") for call in ("alike_pairs('stems')", "joinable_pairs('datasets')")
    )
    with database.connect("transformer") as conn:
        _make(conn, sizes.datasets)
        return [
            _searched(conn, f"pairs that are alike among {sizes.datasets:,} datasets", alike),
            _searched(conn, f"pairs that could be joined among {sizes.datasets:,} datasets", joinable),
        ]


def _searched(conn: Connection, name: str, query: str) -> Figure:  # type: ignore[type-arg]
    seconds = timed(lambda: conn.execute(f"create temp table found as {query}".encode()))
    ((found,),) = conn.execute("select count(*) from found").fetchall()
    conn.execute("drop table found")
    return Figure(name, seconds, None, "s", f"{found:,} pairs; wanted: both under 60 s")


def _make(conn: Connection, datasets: int) -> None:  # type: ignore[type-arg]
    chance = random.Random(1)
    conn.execute("create temp table made (id text, number integer, population text, identifier text, words jsonb)")
    with conn.cursor().copy("copy made from stdin") as copy:
        for number in range(datasets):
            words = [f"word{int(WORDS * chance.random() ** 3)}" for _ in range(OF_ONE)]
            row = (f"d{number:06}", number, chance.choice(POPULATIONS), chance.choice(IDENTIFIERS), Jsonb(words))
            copy.write_row(row)
    for statement in (STEMS, DATASETS, "analyze stems", "analyze datasets"):
        conn.execute(statement.encode())


def _compiled(inline: str) -> str:
    """What dbt makes of a call of a macro."""
    transform.write_generated()
    with transform.environment(), contextlib.redirect_stdout(io.StringIO()):  # which dbt prints, also when it is quiet
        outcome = transform.invoke(["compile", "--quiet", "--inline", inline])
    if not outcome.success:
        raise PromiseError(f"bench: dbt does not compile {inline}: {outcome.exception}")
    return str(outcome.result.results[0].node.compiled_code)
