"""The marts whose shape is the same for every indicator, and for every outcome: what dbt reads of them.

Columns and keys are written once for all, in `dbt/contracts/`. What differs comes from the catalogue: which marts there
are, their descriptions, and for an indicator what its figures are made of. An indicator that needs SQL of its own has
it in `dbt/models/marts/indicators/`, and then none is generated. The dimensions of indicators and measures have the
keys of their models as columns.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, get_origin

from pydantic.fields import FieldInfo

from promise.catalogue.framework import framework
from promise.catalogue.framework_indicators import Indicator
from promise.catalogue.framework_measures import Measure
from promise.catalogue.framework_statements import Outcome
from promise.strict import read_yaml
from warehouse.dbt_files.seeds import SEEDS, Seed, kinds

DIMENSIONS = {"dim_indicator": "framework__indicator", "dim_measure": "framework__measure"}  # and the seed of each
TYPES = {bool: "boolean", int: "integer", float: "numeric", date: "date"}
PROPOSED = "Proposed by this project; not part of the framework."


def files(project: Path) -> Iterator[tuple[Path, str | dict[str, Any]]]:
    """Every file with its content, below the dbt project: text as it is, properties as a mapping."""
    marts = project / "models" / "marts" / "generated"
    indicator, outcome = (read_yaml(project / "contracts" / f"{kind}.yml") for kind in ("indicator", "outcome"))
    yield (
        marts / "_indicators.yml",
        _properties(
            {"name": f"indicator__{each.id}", "description": indicator_words(each), **indicator}
            for each in framework().by_id.values()
        ),
    )
    yield (
        marts / "_outcomes.yml",
        _properties(
            {"name": f"outcome__{each.id}", "description": outcome_words(each), **outcome}
            for _, each in framework().outcomes()
        ),
    )
    yield (
        marts / "_dimensions.yml",
        _properties(
            {"name": name, **dimension(read_yaml(project / "contracts" / f"{name}.yml"), SEEDS[seed])}
            for name, seed in DIMENSIONS.items()
        ),
    )
    for each in framework().by_id.values():
        if not (project / "models" / "marts" / "indicators" / f"indicator__{each.id}.sql").exists():
            yield marts / f"indicator__{each.id}.sql", indicator_sql(each)
    for _, outcome in framework().outcomes():
        yield marts / f"outcome__{outcome.id}.sql", f"{{{{ outcome_mart('{outcome.id}') }}}}\n"
    identifiers = ", ".join(f"'{each}'" for each in framework().by_id)
    measures = {each.id: each for indicator in framework().by_id.values() for each in indicator.measures}
    shares = [
        (each.id, each.denominator)
        for each in measures.values()
        if each.denominator and (measures[each.denominator].parts or measures[each.denominator].parts_by)
    ]
    yield (
        project / "macros" / "generated" / "framework.sql",
        "{#- Generated from framework/. Do not edit. -#}\n"
        f"{{% macro indicator_ids() -%}}{{{{ return([{identifiers}]) }}}}{{%- endmacro %}}\n"
        "{#- Measures that are ratios of a published total which has published parts, each with that total. -#}\n"
        f"{{% macro shares_of_totals() -%}}{{{{ return({shares!r}) }}}}{{%- endmacro %}}\n",
    )


def dimension(contract: dict[str, Any], seed: Seed) -> dict[str, Any]:
    """The contract of a dimension: what the file says of a column, and else what the model says of its key.

    A key that the file does not name is a column all the same, behind the others.
    """
    of_the_model = {
        column: {"data_type": _sql_type(info), "description": info.description} for column, info in seed.keys.items()
    }
    stated = {column["name"]: column for column in contract["columns"]}
    columns = [{"name": name} | of_the_model.get(name, {}) | stated.get(name, {}) for name in stated | of_the_model]
    return contract | {"columns": columns}


def _sql_type(info: FieldInfo) -> str:
    if any(get_origin(kind) is tuple for kind in kinds(info)):
        return "text[]"
    return next((TYPES[kind] for kind in kinds(info) if kind in TYPES), "text")


def indicator_sql(indicator: Indicator) -> str:
    """The plain case: every figure of the indicator's measures, beside what its file says that it is made of."""
    measures = "".join(f"        {each.id!r}: {each.made_of!r},\n" for each in indicator.measures)
    return (
        f"-- Generated from framework/indicators/{indicator.id}.yml. Do not edit.\n"
        f"{{{{ indicator_mart(\n    {{\n{measures}    }},\n) }}}}\n"
    )


def indicator_words(indicator: Indicator) -> str:
    """What a reader of the mart must know: the name, whose it is, each measure with unit, definition and caveat."""
    words = [indicator.name.rstrip(".") + "."]
    if indicator.publication_state == "proposed":
        words.append(PROPOSED)
    words += [_measure_words(each) for each in indicator.measures]
    words.append("One row per measure, area, period and breakdown.")
    return " ".join(words)


def outcome_words(outcome: Outcome) -> str:
    """The outcome's text, or that nobody here knows it."""
    words = [outcome.text.rstrip(".") + "." if outcome.text else "The text of this outcome is not known."]
    if outcome.publication_state == "proposed":
        words.append(PROPOSED)
    return " ".join([*words, "One row per indicator and national measure."])


def _measure_words(measure: Measure) -> str:
    caveat = f" {measure.caveat}" if measure.caveat else ""
    return f"{measure.id} ({measure.unit}, {measure.population}): {measure.definition}{caveat}"


def _properties(models: Iterator[dict[str, Any]]) -> dict[str, Any]:
    return {"version": 2, "models": list(models)}
