"""The functions of schema `methods`: what readers may ask beside the tables.

They are made anew with each release that is shown, in the same transaction, because they answer in the shape of its
tables: the columns come from the contracts of the marts, and the judging from the macro that builds `fct_progress`, so
neither is written down twice. Their bodies are text that PostgreSQL reads on each call. A body that it binds when the
function is made would hold the views of `marts` by object id, and the swap could not replace them.
"""

from __future__ import annotations

import functools
from typing import Any

import yaml
from jinja2 import Environment, StrictUndefined
from psycopg import Connection

from promise.settings import ROOT

PROGRESS = ROOT / "dbt" / "macros" / "progress.sql"
FACTS = ROOT / "dbt" / "models" / "marts" / "facts" / "_facts.yml"


def apply(conn: Connection[Any]) -> None:
    """Make the functions, in the caller's transaction. They need not find the tables until somebody calls them."""
    conn.execute("set local check_function_bodies = off")
    conn.execute(functions().encode())


@functools.cache
def functions() -> str:
    """SQL that makes every function anew."""
    observation = columns("fct_observation")
    names = ",\n        ".join(
        # Whether a figure had been revised by that day, not whether it has been since.
        "figure.has_been_revised" if name == "is_revised" else f"figure.{name}"
        for name in observation
    )
    observed = f"""
    select
        {names}
    from marts.fct_observation_vintage as figure
    where figure.published_from <= as_of and (figure.published_to is null or as_of < figure.published_to)
"""
    judged = progress_of("methods.observation_as_of(as_of)")
    return "\n".join(
        [
            _function("observation_as_of", observation, observed),
            "comment on function methods.observation_as_of(date) is 'What marts.fct_observation would have shown at "
            "the end of that day, as far as the publications loaded now were out by then.';",
            _function("progress_as_of", columns("fct_progress"), judged),
            "comment on function methods.progress_as_of(date) is 'What marts.fct_progress would have said at the end of"
            " that day, by today''s definitions, thresholds and baselines.';",
        ]
    )


def progress_of(figures: str) -> str:
    """The SELECT that judges a set of figures, by the rules of the release that readers see."""
    macro = Environment(undefined=StrictUndefined, autoescape=False).from_string(PROGRESS.read_text()).module
    return str(macro.progress_of(figures, "marts.dim_indicator", "marts.dim_measure", "marts.fct_break"))  # type: ignore[attr-defined]


@functools.cache
def columns(mart: str) -> dict[str, str]:
    """Names and types of a fact's columns, as its contract promises them."""
    models = {model["name"]: model for model in yaml.safe_load(FACTS.read_text())["models"]}
    return {column["name"]: column["data_type"] for column in models[mart]["columns"]}


def _function(name: str, shape: dict[str, str], body: str) -> str:
    returned = ", ".join(f"{column} {kind}" for column, kind in shape.items())
    return (
        f"drop function if exists methods.{name}(date);\n"
        f"create function methods.{name}(as_of date) returns table ({returned})\n"
        # Parallel safe and not strict, so that PostgreSQL can plan a call as part of the query around it.
        f"language sql stable parallel safe as $body$\n{body}\n$body$;"
    )
