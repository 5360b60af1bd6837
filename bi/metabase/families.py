"""Dashboards that repeat: one for each vision statement, with a tab for each outcome, of one file in `specs/families/`.

In such a file `$name` stands for something of the catalogue; what comes out is held to the same models as what is
written by hand. What can show nothing is left out, and the catalogue decides that: an outcome without a measure by
council has no question about councils.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Any, Literal

from pydantic import Field

from bi.metabase.model import CANVAS, Card, Choices, Dashboard, Key, Model, Words
from promise.catalogue.framework import framework
from promise.catalogue.framework_model import Framework
from promise.catalogue.framework_statements import Outcome, VisionStatement
from promise.strict import CatalogueError, Strict, as_model, load_yaml, shown

Tree = dict[str, Any]
Need = Literal["measures", "comparator", "breakdowns", "councils"]


class Shown(Strict):
    """A question in a row, with its filters mapped to those of the dashboard."""

    card: Words
    filters: dict[Key, Words]
    needs: Need | None = None


class Row(Strict):
    """What stands side by side, in equal parts; or a heading across. A row of which nothing is left takes no room."""

    height: int = Field(ge=1)
    heading: Words | None = None
    items: tuple[Shown, ...] = ()
    needs: Need | None = None


class Part(Strict):
    """A tab, and what belongs to it: as trees, because their words are only known for a member."""

    name: Words
    rows: tuple[Row, ...] = Field(min_length=1)
    filters: tuple[Tree, ...]
    choices: tuple[Tree, ...]
    cards: tuple[Tree, ...]


class Family(Strict):
    """`dashboard` is for a statement, `statement` its first tab, `outcome` the tab of each of its outcomes."""

    dashboard: Tree
    statement: Part
    outcome: Part


@dataclass
class Made:
    """What a family makes."""

    choices: dict[str, Choices] = field(default_factory=dict)
    cards: dict[str, Card] = field(default_factory=dict)
    dashboards: dict[str, Dashboard] = field(default_factory=dict)


def made(path: Path) -> Made:
    """Everything that the family in the file makes. Raises CatalogueError naming file, member and remedy."""
    family, catalogue, whole = load_yaml(path, Family), framework(), Made()
    for statement in catalogue.vision_statements:
        words = _of_statement(statement)
        tabs, filters = [], []
        members: list[tuple[Part, dict[str, str], set[str]]] = [(family.statement, words, set())]
        members += [
            (family.outcome, words | _of_outcome(catalogue, outcome), _has(catalogue, outcome))
            for outcome in statement.outcomes
        ]
        for part, known, has in members:
            fill = _filler(path, known)
            whole.cards |= _models(path, Card, _members(part.cards, fill, has))
            whole.choices |= _models(path, Choices, _members(part.choices, fill, has))
            filters += _members(part.filters, fill, has)
            items = list(_placed(part.rows, fill, has))
            tabs.append({"name": fill(part.name), "items": items})
        board = {**_filler(path, words)(family.dashboard), "filters": filters, "tabs": tabs}
        whole.dashboards |= _models(path, Dashboard, [board])
    return whole


def _of_statement(statement: VisionStatement) -> dict[str, str]:
    return {"statement": statement.id, "number": str(statement.number), "statement_name": statement.name}


def _of_outcome(catalogue: Framework, outcome: Outcome) -> dict[str, str]:
    ours = outcome.publication_state == "proposed"
    label = f"Proposed outcome {outcome.number}" if ours else f"Outcome {outcome.number}"
    marts = [f"marts.indicator__{each.id}" for each in catalogue.by_id.values() if each.outcome == outcome.id]
    return {
        "outcome": outcome.id,
        "outcome_label": label,
        "outcome_text": outcome.text or "The wording of this outcome is not known here.",
        "figures": f"({' union all '.join(f'select * from {mart}' for mart in marts)})",  # noqa: S608 - ids of the catalogue
    }


def _has(catalogue: Framework, outcome: Outcome) -> set[str]:
    """What measures of the outcome's indicators can show."""
    measures = [
        measure
        for each in catalogue.by_id.values()
        if each.outcome == outcome.id
        for measure in each.measures
        if measure.series
    ]
    national = [each for each in measures if each.geography == "national" and each.role in ("headline", "companion")]
    return {
        need
        for need, there in {
            "measures": national,
            "comparator": [each for each in national if each.comparator],
            "breakdowns": [each for each in national if any(one.breakdown != "total" for one in each.series)],
            "councils": [each for each in measures if each.geography == "council"],
        }.items()
        if there
    }


def _members(trees: tuple[Tree, ...], fill: Callable[[Any], Any], has: set[str]) -> list[Tree]:
    """Those that have something to show, without the word that says what they need."""
    return [
        {key: fill(value) for key, value in tree.items() if key != "needs"}
        for tree in trees
        if _wanted(tree.get("needs"), has)
    ]


def _wanted(need: str | None, has: set[str]) -> bool:
    return need is None or need in has


def _filler(path: Path, known: dict[str, str]) -> Callable[[Any], Any]:
    def fill(tree: Any) -> Any:
        match tree:
            case str():
                try:
                    return Template(tree).substitute(known)
                except (KeyError, ValueError) as error:
                    raise CatalogueError(
                        f"{shown(path)}: {tree.strip()[:60]!r}: {error}; known here are "
                        f"{', '.join(f'${name}' for name in sorted(known))}, and $$ is a dollar"
                    ) from None
            case dict():
                return {key: fill(value) for key, value in tree.items()}
            case list() | tuple():
                return [fill(each) for each in tree]
            case _:
                return tree

    return fill


def _placed(rows: tuple[Row, ...], fill: Callable[[Any], Any], has: set[str]) -> Iterator[Tree]:
    at = 0
    for row in rows:
        items = [each for each in row.items if _wanted(each.needs, has)]
        if not _wanted(row.needs, has) or not (row.heading or items):
            continue
        if row.heading:
            yield {"heading": fill(row.heading), "row": at, "column": 0, "width": CANVAS, "height": row.height}
        for place, item in enumerate(items):
            width = CANVAS // len(items)
            yield {
                **fill({"card": item.card, "filters": item.filters}),
                **{"row": at, "column": place * width, "width": width, "height": row.height},
            }
        at += row.height


def _models(path: Path, model: type[Model], trees: list[Tree]) -> dict[str, Model]:
    members: dict[str, Model] = {}
    for tree in trees:
        try:
            member = as_model(path, tree, model)
        except CatalogueError as error:
            raise CatalogueError(f"{error} (as made for {tree.get('id')})") from None
        members[member.id] = member
    return members
