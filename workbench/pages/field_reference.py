"""The reference of every key in `framework/`: when it is given, what it means, what is accepted and what is refused.

docs/framework_fields.md is made of the models, and a test holds it to them. After a change of a model:
`python -m workbench.pages`. Every key carries a description; one that is not a mapping of its own
also carries an example and, under `bad` in json_schema_extra, one that is refused (`framework_words.key` writes all
three).
"""

from __future__ import annotations

import datetime
import types
from collections.abc import Iterator
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import yaml
from pydantic.fields import FieldInfo

from promise.catalogue.data_map import Links, SynonymFile
from promise.catalogue.framework_commitments import Recommendations, Reports
from promise.catalogue.framework_indicators import Indicator
from promise.catalogue.framework_measures import PeriodStyle
from promise.catalogue.framework_model import (
    DataGaps,
    EvidenceFile,
    RouteMap,
    Thresholds,
    WhatMatters,
)
from promise.catalogue.framework_organisation_rules import RULES as ORGANISATION_RULES
from promise.catalogue.framework_organisations import Organisations, Responsibilities
from promise.catalogue.framework_qualifiers import Qualifiers
from promise.catalogue.framework_rules import RULES
from promise.catalogue.framework_signals import Signals
from promise.catalogue.framework_small_numbers import SmallNumbers
from promise.catalogue.framework_statements import VisionStatement
from promise.catalogue.framework_targets import Targets
from promise.catalogue.framework_totals import Totals
from promise.catalogue.framework_words import Identifier, Text, Url
from promise.catalogue.history import Breaks
from promise.catalogue.history import Identifier as LongIdentifier
from promise.catalogue.returns import ReturnKind, Vocabularies
from promise.settings import ROOT
from promise.strict import CatalogueError, Strict, as_model

PAGE = ROOT / "docs" / "framework_fields.md"
FILES: tuple[tuple[str, type[Strict]], ...] = (
    ("vision_statements/vsNN_….yml", VisionStatement),
    ("indicators/<indicator>.yml", Indicator),
    ("data_gaps.yml", DataGaps),
    ("breaks.yml", Breaks),
    ("thresholds.yml", Thresholds),
    ("organisations.yml", Organisations),
    ("responsibilities.yml", Responsibilities),
    ("reports.yml", Reports),
    ("recommendations.yml", Recommendations),
    ("targets.yml", Targets),
    ("qualifiers.yml", Qualifiers),
    ("totals.yml", Totals),
    ("small_numbers.yml", SmallNumbers),
    ("signals.yml", Signals),
    ("what_matters.yml", WhatMatters),
    ("route_maps/<foundation>.yml", RouteMap),
    ("evidence.yml", EvidenceFile),
    ("data_map/links.yml", Links),
    ("data_map/synonyms.yml", SynonymFile),
    ("returns/<kind>.yml", ReturnKind),
    ("return_vocabularies.yml", Vocabularies),
)
NAMED = (
    (Identifier, "id"),
    (LongIdentifier, "id"),
    (Text, "text"),
    (Url, "address"),
    (PeriodStyle, "style of periods"),
    (str, "text"),
)
OTHER_TYPES = {int: "whole number", float: "number", bool: "true or false", datetime.date: "date (YYYY-MM-DD)"}
HEAD = """\
# Every key in `framework/`

Generated from the models by `python -m workbench.pages`; do not edit. What the files are for and the
rules to edit by are in [framework.md](framework.md).

*Always* means that the key is written in every case; where it may be null, null is how one says that it is not known.
Each bad example is followed by what one is told.
"""


def models(top: type[Strict]) -> Iterator[type[Strict]]:
    """The model and those that stand in it, each once, in the order in which a reader meets them."""
    found: dict[type[Strict], None] = {}

    def walk(model: type[Strict]) -> None:
        if model not in found:
            found[model] = None
            for hint in get_type_hints(model).values():
                for inner in _models_in(hint):
                    walk(inner)

    walk(top)
    return iter(found)


def example(model: type[Strict]) -> dict[str, Any]:
    """The good examples of the model's keys as one instance of it, as it would be read from YAML."""
    hints = get_type_hints(model)
    made: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        if field.examples:
            made[name] = field.examples[0]
        elif inner := next(_models_in(hints[name]), None):
            made[name] = [example(inner)] if get_origin(hints[name]) is tuple else example(inner)
    return made


def is_mapping(model: type[Strict], name: str) -> bool:
    """Whether the key holds mappings of their own, which are described under their own heading."""
    return any(_models_in(get_type_hints(model)[name]))


def refusal(model: type[Strict], name: str, bad: Any) -> str | None:
    """What one is told who writes the bad value; None when it is accepted."""
    path = ROOT / "framework" / "file.yml"
    try:
        as_model(path, example(model) | {name: bad}, model)
    except CatalogueError as error:
        return str(error).splitlines()[0].removeprefix("framework/file.yml: ")
    return None


def text() -> str:
    """The whole page. A model that several files share is described under the first of them."""
    parts = [HEAD]
    seen: set[type[Strict]] = set()
    for file, top in FILES:
        parts.append(f"## `{file}`\n")
        for model in models(top):
            if model in seen:
                parts.append(f"[{model.__name__}](#{model.__name__.lower()}) is described above.\n")
            else:
                parts.append(_section(model))
            seen.add(model)
    rules = [" ".join((rule.__doc__ or "").split()) for rule in (*RULES, *ORGANISATION_RULES)]
    parts += ["## What must hold between files\n", *(f"* {rule}" for rule in rules), ""]
    return "\n".join(parts)


def write() -> bool:
    """Write the page; returns whether it changed."""
    new = text()
    changed = not PAGE.exists() or PAGE.read_text(encoding="utf-8") != new
    if changed:
        PAGE.write_text(new, encoding="utf-8")
    return changed


def _section(model: type[Strict]) -> str:
    lines = [f"### {model.__name__}\n", " ".join((model.__doc__ or "").split()) + "\n"]
    hints = get_type_hints(model, include_extras=True)
    for name, field in model.model_fields.items():
        lines.append(f"* **`{name}`**: {_type(hints[name])}; {_when(field)}. {field.description}")
        if not is_mapping(model, name):
            bad = bad_example(field)
            lines.append(f"  Good: `{_yaml(field.examples[0] if field.examples else None)}`. Bad: `{_yaml(bad)}`:")
            lines.append(f"  “{refusal(model, name, bad)}”.")
    return "\n".join(lines) + "\n"


def bad_example(field: FieldInfo) -> Any:
    """The value that the key refuses. Raises KeyError when the key names none."""
    extra = field.json_schema_extra
    if not isinstance(extra, dict):
        raise KeyError("bad")
    return extra["bad"]


def _when(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    if isinstance(extra, dict) and "when" in extra:
        return f"when {extra['when']}"
    return "always" if field.is_required() else "when there is something to say"


def _type(hint: Any) -> str:  # noqa: PLR0911 - one answer for each kind of hint
    if name := next((name for known, name in NAMED if hint == known), None):
        return name
    arguments = get_args(hint)
    match get_origin(hint):
        case None:
            return OTHER_TYPES.get(hint) or f"[{hint.__name__}](#{hint.__name__.lower()})"
        case kind if kind is Literal:
            return _either([f"`{each}`" for each in arguments])
        case kind if kind in (Union, types.UnionType):
            return _either([_type(each) for each in arguments if each is not type(None)] + ["null"])
        case kind if kind is tuple and arguments[-1] is Ellipsis:
            return f"list of {_type(arguments[0])}"
        case kind if kind is tuple:
            return "list of two: " + ", ".join(_type(each) for each in arguments)
        case _:
            return _type(arguments[0])  # Annotated


def _either(words: list[str]) -> str:
    flat = [word for each in words for word in each.split(" or ")]
    return " or ".join([", ".join(flat[:-1]), flat[-1]] if len(flat) > 1 else flat)


def _models_in(hint: Any) -> Iterator[type[Strict]]:
    if isinstance(hint, type) and issubclass(hint, Strict):
        yield hint
    for inner in get_args(hint):
        yield from _models_in(inner)


def _yaml(value: Any) -> str:
    written = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10**6)
    return str(written).strip().removesuffix("...").strip()
