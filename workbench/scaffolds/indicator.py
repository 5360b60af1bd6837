"""`promise new indicator`: the file that an indicator is, with what is known filled in and a question elsewhere.

The questions are the meanings of the keys, from the models. The catalogue refuses the file while one is open.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from promise.catalogue.framework import framework
from promise.catalogue.framework_indicators import Indicator
from promise.catalogue.framework_measures import Measure, Series
from promise.catalogue.framework_words import it_is_an_identifier
from promise.catalogue.sources import sources
from promise.errors import PromiseError
from promise.settings import ROOT
from promise.strict import QUESTION, Strict

HEAD = "# Written by `promise new indicator`. Answer what stands behind WRITE; null where nobody knows, if it may be.\n"
WIDTH = 116  # where the files of this project break a line of prose
Value = str | int | list[str] | list[int | None] | None


@dataclass(frozen=True)
class Fed:
    """The published series that feeds the first measure: the words by which a source's rows are recognised."""

    source: str
    label: str
    heading: str


def new_indicator(
    identifier: str, outcome: str, fed: Fed, root: Path = ROOT, known: dict[str, list[str]] | None = None
) -> Path:
    """Write an indicator's YAML below `root` and return its path. Raises PromiseError, and then wrote nothing.

    `known` has the sources and the series labels of each, where they can be told.
    """
    entry = root / "framework" / "indicators" / f"{identifier}.yml"
    _refuse(identifier, outcome, fed, known)
    if entry.exists():
        raise PromiseError(f"{entry.relative_to(root)} is there already; nothing was written")
    place = 1 + max((each.place for _, above, each in framework().indicators() if above.id == outcome), default=0)
    entry.write_text(entry_text(identifier, outcome, place, fed), encoding="utf-8")
    return entry


def _refuse(identifier: str, outcome: str, fed: Fed, known: dict[str, list[str]] | None) -> None:
    try:
        it_is_an_identifier(identifier)
        it_is_an_identifier(f"{identifier}__headline")
    except ValueError as error:
        raise PromiseError(f"{error}; measures begin with it, so leave room for them") from None
    outcomes = {each.id: each for _, each in framework().outcomes()}
    if outcome not in outcomes:
        raise PromiseError(
            f"there is no outcome {outcome!r}; add it to framework/vision_statements/ first, or choose one: "
            + ", ".join(outcomes)
        )
    if known is None:
        return
    if fed.source not in known:
        raise PromiseError(f"there is no source {fed.source!r} of figures; choose one: {', '.join(sorted(known))}")
    taken = {each.key: measure.id for _, measure, each in framework().series()}
    if measure := taken.get((fed.source, fed.label, fed.heading)):
        raise PromiseError(
            f"{fed.label!r} ({fed.heading}) already feeds {measure}; a published series feeds one measure"
        )
    if known[fed.source] and fed.label not in known[fed.source]:
        close = difflib.get_close_matches(fed.label, known[fed.source], n=3, cutoff=0.3)
        near = f"; near it: {', '.join(map(repr, close))}" if close else ""
        raise PromiseError(f"{fed.source} has no figures labelled {fed.label!r}{near}")


def entry_text(identifier: str, outcome: str, place: int, fed: Fed) -> str:
    """The YAML, with one measure and one series: what is known, and the meaning of each other key as a question."""
    headline = f"{identifier}__headline"
    series = _keys(Series, {"source": fed.source, "label": fed.label, "heading": fed.heading})
    measure = _keys(
        Measure, {"id": headline, "role": "headline", "comparator": None, "bounds": [0, None], "threshold": None}
    )
    known: dict[str, Value] = {
        "id": identifier, "outcome": outcome, "place": place, "headline": headline,
        "source_preference": [fed.source], "minimum_periods": 2,
    }  # fmt: skip
    content = _keys(Indicator, known) | {"measures": [measure | {"series": [series]}]}
    return HEAD + yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH)


def _keys(model: type[Strict], known: Mapping[str, Value]) -> dict[str, Any]:
    """The keys that a person is to fill in, in the order of the model, those that are known with their values."""
    return {
        name: known.get(name, f"{QUESTION}{field.description}")
        for name, field in model.model_fields.items()
        if name in known or ((field.is_required() or name == "proposed_because") and name not in ("measures", "series"))
    }


class _Dumper(yaml.SafeDumper):
    """YAML as people write it in `framework/`: prose folded, a list of plain values in one line."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = ">" if text.startswith(QUESTION) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _list(dumper: yaml.SafeDumper, items: list[Any]) -> yaml.SequenceNode:
    flow = not any(isinstance(each, dict) for each in items)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=flow)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(list, _list)


def known_labels() -> dict[str, list[str]]:
    """The series labels of each source of figures, as staging has them; empty lists while nothing is built."""
    import psycopg

    from promise import database

    models = {each.id: each.staging_model for each in sources().values() if each.figures}
    found: dict[str, list[str]] = {source: [] for source in models}
    try:
        with database.connect() as conn:
            for source, model in models.items():
                rows = conn.execute(f"select distinct series_label from staging.{model} order by 1".encode()).fetchall()
                found[source] = [label for (label,) in rows]
    except (psycopg.Error, PromiseError):
        return found  # nothing has been built here: the label cannot be checked, and the tests will
    return found


def show(identifier: str, outcome: str, fed: Fed) -> None:
    """Do it, and tell a person what was written and what is left."""
    import click

    entry = new_indicator(identifier, outcome, fed, known=known_labels())
    questions = entry.read_text(encoding="utf-8").count(QUESTION)
    path = entry.relative_to(ROOT)
    click.echo(f"written:\n  {path}\n\nto do:")
    click.echo(f"  1. answer its {questions} questions; the catalogue refuses the file until then.")
    click.echo("  2. where a figure is a ratio or a sum of others, say of which: numerator, denominator, per, parts.")
    click.echo(f"  3. pytest tests/unit -k {identifier}, and then promise run.")
