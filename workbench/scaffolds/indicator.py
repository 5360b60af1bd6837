"""`promise new indicator`: the file that an indicator is, with what is known filled in and a question elsewhere.

The questions are the meanings of the keys, from the models. The catalogue refuses the file while one is open.
"""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import yaml

from promise.catalogue.framework import framework
from promise.catalogue.framework_indicators import Indicator
from promise.catalogue.framework_measures import Measure, Series
from promise.catalogue.framework_words import Geography, it_is_an_identifier
from promise.catalogue.shapes import OF_THE_EDITION
from promise.catalogue.sources import Source, sources
from promise.errors import PromiseError
from promise.settings import ROOT, settings
from promise.strict import QUESTION, Strict
from workbench.peek.proposal import judged
from workbench.scaffolds import idle
from workbench.scaffolds.questions import Case
from workbench.scaffolds.series import Name, Shown, published
from workbench.scaffolds.source import checks_text, figures_text, flow

HEAD = "# Written by `promise new indicator`. Answer what stands behind WRITE; null where nobody knows, if it may be.\n"
MOST_LISTED = 40
WIDTH = 116  # where the files of this project break a line of prose
Value = str | int | list[str] | list[Geography] | list[int | None] | None


@dataclass(frozen=True)
class Fed:
    """The published series that feeds the first measure: the words by which a source's rows are recognised."""

    source: str
    label: str
    heading: str


def new_indicator(
    identifier: str, outcome: str, fed: Fed, root: Path = ROOT, known: Mapping[Name, Shown] | None = None
) -> Path:
    """Write an indicator's YAML below `root` and return its path. Raises PromiseError, and then wrote nothing.

    `known` are the series of the source, with what is seen of each; nothing where nobody can tell them.
    """
    entry = root / "framework" / "indicators" / f"{identifier}.yml"
    _refuse(identifier, outcome, fed, known or {})
    if entry.exists():
        raise PromiseError(f"{entry.relative_to(root)} is there already; nothing was written")
    place = 1 + max((each.place for _, above, each in framework().indicators() if above.id == outcome), default=0)
    text = entry_text(identifier, outcome, place, fed, (known or {}).get((fed.label, fed.heading)))
    entry.write_text(text, encoding="utf-8")
    idle.take_off(root, sources()[fed.source].staging_model)
    return entry


def _refuse(identifier: str, outcome: str, fed: Fed, known: Mapping[Name, Shown]) -> None:
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
    if fed.source not in sources():
        raise PromiseError(f"there is no source {fed.source!r}; choose one: {', '.join(sources())}")
    if not sources()[fed.source].figures:
        raise PromiseError(what_is_missing(sources()[fed.source]))
    taken = {each.key: measure.id for _, measure, each in framework().series()}
    if measure := taken.get((fed.source, fed.label, fed.heading)):
        raise PromiseError(
            f"{fed.label!r} ({fed.heading}) already feeds {measure}; a published series feeds one measure"
        )
    if not fed.label or (known and (fed.label, fed.heading) not in known):
        raise PromiseError(_choices(fed, known, taken))


def _choices(fed: Fed, known: Mapping[Name, Shown], taken: Mapping[tuple[str, str, str], str]) -> str:
    """Which series there are, those near to what was asked for first."""
    free = [name for name in known if (fed.source, *name) not in taken]
    asked = f"no series {fed.label!r}" + (f" ({fed.heading})" if fed.heading else "") if fed.label else "several series"
    if not free:
        rest = "every one of them feeds a measure already" if known else "build it (promise run), or say one by --label"
        return f"{fed.source} has {asked}; {rest}"
    close = difflib.get_close_matches(fed.label, [label for label, _ in free], n=3, cutoff=0.3) if fed.label else []
    near = [name for name in free if name[0] in close]
    listed = "".join(
        f"\n  --label {shlex.quote(label)}" + (f" --heading {shlex.quote(heading)}" if heading else "")
        for label, heading in (near or free)[:MOST_LISTED]
    )
    more = len(near or free) - MOST_LISTED
    return f"{fed.source} has {asked}; choose one:{listed}" + (f"\n  and {more} more" if more > 0 else "")


def what_is_missing(source: Source) -> str:
    """Of a source that is described as reference data: the lines with which figures would be made of it, if any can."""
    entry = f"ingestion/sources/{source.id}/source.yml"
    begins = f"{source.id} holds no figures: {entry} says figures: null"
    if not source.bundle:
        return f"{begins}, and no file of it is here that could be looked at"
    said = judged(settings().bundle / source.id / source.bundle[-1].file, source)
    if not said.has_figures:
        lacks = "holds numbers" if said.area else "names areas that are kept, each in every row"
        return f"{begins}, and none of its columns {lacks}; no series can be made of it"
    case = Case(source.id, said)
    lines = [*checks_text(case), *figures_text(case)]
    if OF_THE_EDITION in said.columns.values():
        column = f'    {said.period[0]}: "{OF_THE_EDITION}"' if said.period else ""
        lines = ["bundle:", "  - period: of what its figures are", "table:", f"  reader: {flow(said.reader)}",
                 "  columns:", column, *lines]  # fmt: skip
    return (
        f"{begins}. Where they are to be made of it, put into that file what of this it lacks:\n"
        + "\n".join(lines)
        + f"\nand a publication for each edition of its bundle (docs/sources.md); and remove "
        f"dbt/models/staging/reference/{source.staging_model}.sql and .yml, and what reads that model"
    )


def entry_text(identifier: str, outcome: str, place: int, fed: Fed, shown: Shown | None = None) -> str:
    """The YAML, with one measure and one series: what is known, and the meaning of each other key as a question."""
    headline = f"{identifier}__headline"
    source = sources()[fed.source]
    style = source.table.checks.period.style if source.table.checks.period else None
    known_of_series: dict[str, Value] = {"source": fed.source, "label": fed.label, "heading": fed.heading}
    series = _keys(Series, known_of_series | ({"period_style": style} if style else {}))
    known_of_measure: dict[str, Value] = {
        "id": headline, "role": "headline", "comparator": None, "bounds": [0, None],
    }  # fmt: skip
    known: dict[str, Value] = {
        "id": identifier, "outcome": outcome, "place": place, "headline": headline, "definition": None,
        "source_publication": source.title, "producer": source.publisher, "reported_by": [source.publisher],
        "frequency": source.cadence, "publication_state": "proposed", "last_updated": None, "next_update_due": None,
        "source_url": source.landing_page, "source_preference": [fed.source], "minimum_periods": 2,
    }  # fmt: skip
    if shown and shown.geography:
        known["geography"] = sorted(shown.geography, key=get_args(Geography).index)
        known_of_measure |= {
            "geography": "council" if "council" in shown.geography else "national",
            "decimals": shown.decimals,
        }
    measure = _keys(Measure, known_of_measure)
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


def known_series(source_id: str) -> dict[Name, Shown]:
    """The series of a source, from its bundled files; where a model takes them apart by hand, from staging."""
    source = sources().get(source_id)
    if source is None or source.figures is None:
        return {}
    return published(source) or _staged(source)


def _staged(source: Source) -> dict[Name, Shown]:
    import psycopg

    from promise import database

    try:
        with database.connect() as conn:
            series = f"select distinct series_label, series_heading from staging.{source.staging_model} order by 1, 2"
            rows = conn.execute(series.encode()).fetchall()
    except (psycopg.Error, PromiseError):
        return {}  # nothing has been built here: the label cannot be checked, and the tests will
    return {(label, heading): Shown() for label, heading in rows}


def show(identifier: str, outcome: str, fed: Fed) -> None:
    """Do it, and tell a person what was written and what is left."""
    import click

    entry = new_indicator(identifier, outcome, fed, known=known_series(fed.source))
    questions = entry.read_text(encoding="utf-8").count(QUESTION)
    path = entry.relative_to(ROOT)
    click.echo(f"written:\n  {path}\n\nto do:")
    click.echo(f"  1. answer its {questions} questions; the catalogue refuses the file until then.")
    click.echo("  2. where a figure is a ratio or a sum of others, say of which: numerator, denominator, per, parts.")
    click.echo("  3. python -m workbench.pages, which brings the pages of docs/ up to date.")
    click.echo(f"  4. pytest tests/unit -k {identifier}, and then promise run.")
