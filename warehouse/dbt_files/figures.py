"""The models of staging/figures/: the door through which figures leave staging, all in one shape.

The shape is `dbt/contracts/figure.yml`. A source whose entry says which columns make up its figures has its SQL made of
that; one that says `by_hand` has a file of its own. Which of them feed the marts is nobody's list: those that
framework/ names in a series.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from promise.catalogue.figures import BESIDE
from promise.catalogue.framework import framework
from promise.catalogue.sources import Source, sources
from promise.strict import CatalogueError, read_yaml, shown

FOLDERS = "figures/, where models keep the shape of dbt/contracts/figure.yml, or reference/"


def files(project: Path) -> Iterator[tuple[Path, str | dict[str, Any]]]:
    """Every file with its content: a model for each source that is not by hand, and the contract for all.

    Raises CatalogueError for a staging model that stands where its source's entry does not say.
    """
    folder = project / "models" / "staging" / "figures" / "generated"
    described = [each for each in sources().values() if each.figures]
    _refuse_misplaced(project / "models" / "staging", described)
    contract = read_yaml(project / "contracts" / "figure.yml")
    yield (
        folder / "_figures.yml",
        {
            "version": 2,
            "models": [
                {
                    "name": each.staging_model,
                    "description": f"Published figures: {each.description.strip()}",
                    **contract,
                }
                for each in described
            ],
        },
    )
    for each in described:
        if each.figures and not each.figures.by_hand:
            yield folder / f"{each.staging_model}.sql", model(each)
    named = {series.source for _, _, series in framework().series()}
    columns = [column["name"] for column in contract["columns"]]
    yield (
        project / "macros" / "generated" / "figures.sql",
        "{#- Generated from framework/, ingestion/sources/ and dbt/contracts/figure.yml. Do not edit. -#}\n"
        + _list_macro("suppression_rules", [*_suppression_rules(described)])
        + _list_macro("figure_models", [each.staging_model for each in described if each.id in named])
        + _list_macro("published_columns", columns),
    )


def model(source: Source) -> str:
    """The SQL of a source's figures, which is one call."""
    figures, checks = source.figures, source.table.checks
    assert figures is not None and checks.area is not None
    arguments: dict[str, Any] = {
        "values": {source.table.newest[column]: column for column in figures.value},
        "label": figures.label or (_literal(figures.called) if figures.called else None),
        "heading": figures.heading,
        "area": checks.area.column,
        "period": figures.period or (checks.period.column if checks.period else None),
        "breakdowns": figures.breakdowns,
        "total": figures.total,
        **{name: getattr(figures, name) for name in BESIDE},
        "qualifiers": figures.qualifiers,
        "reasons": [*source.reasons],
        "status": _status(source),
        "publication": figures.publication,
        "read_from": figures.read_from,
        "read_note": figures.read_note,
        "cell": source.table.column_of("@cell"),
    }
    lines = [f"    {name}={value!r},\n" for name, value in arguments.items() if value]
    return (
        f"-- Made of the entry of {source.id} in ingestion/sources/. Do not edit.\n"
        f"{{{{ figures(\n    {source.raw_table!r},\n{''.join(lines)}) }}}}\n"
    )


def _status(source: Source) -> str | None:
    """What kind of figure it is, as SQL: what its qualifier says of it, or what the publisher says of all of them."""
    figures = source.figures
    assert figures is not None
    said = f"'{figures.status}'" if figures.status else None
    kinds = [
        f"when {_literal(text)} then '{marker.obs_status}'"
        for text, marker in source.markers.items()
        if figures.qualifiers and text and marker.is_of_a_figure and marker.obs_status != "final"
    ]
    if not kinds:
        return said
    return f"case figure_cell.qualifier_published {' '.join(kinds)} else {said or 'null'} end"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _refuse_misplaced(staging: Path, described: list[Source]) -> None:
    """A staging model stands where its source's entry says: no figures leave by another door."""
    wanted = {each.staging_model: each for each in described}
    by_hand = {name for name, each in wanted.items() if each.figures and each.figures.by_hand}
    there = {path.stem: path for path in sorted((staging / "figures").glob("*.sql"))}
    found = [
        f"{shown(path)}: a staging model stands in {FOLDERS}; move it to the one that its source's `figures` says"
        for path in sorted(staging.glob("*.sql"))
    ]
    found += [
        f"{shown(path)}: written by hand, and no source's entry says `figures: {{by_hand: true}}` for a table of that "
        "name; say so in the entry, or remove the file and let it be made of the entry"
        for name, path in there.items()
        if name not in by_hand
    ]
    found += [
        f"{shown(path)}: the entry of {wanted[path.stem].id} says that it holds figures; move the model to figures/, "
        "or write `figures: null` in the entry"
        for path in sorted((staging / "reference").glob("*.sql"))
        if path.stem in wanted
    ]
    found += [
        f"{shown(staging / 'figures' / name)}.sql: there is no such file, and the entry of {wanted[name].id} says "
        "`figures: {by_hand: true}`; write it, or name the columns in the entry"
        for name in sorted(by_hand - set(there))
    ]
    if found:
        raise CatalogueError("\n".join(found))


def _suppression_rules(described: list[Source]) -> Iterator[dict[str, str]]:
    """Where publishers say below which count they give no figure. Raises CatalogueError where that cannot be read."""
    for each in described:
        rule = each.figures.suppression if each.figures else None
        if rule is None:
            continue
        of = sources().get(rule.source)
        if of is None or of.figures is not None:
            raise CatalogueError(
                f"ingestion/sources/{each.id}/source.yml: figures.suppression.source: {rule.source} is no source of "
                "descriptions; name the one in which the publisher describes its figures"
            )
        if unknown := sorted({rule.label, rule.rule} - set(of.table.columns)):
            raise CatalogueError(
                f"ingestion/sources/{each.id}/source.yml: figures.suppression names columns that {rule.source} does "
                f"not map: {', '.join(unknown)}; correct them"
            )
        yield {"source_id": each.id, "model": of.staging_model, "label": rule.label, "rule": rule.rule}


def _list_macro(name: str, items: list[Any]) -> str:
    return f"{{% macro {name}() -%}}{{{{ return({items!r}) }}}}{{%- endmacro %}}\n"
