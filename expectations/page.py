"""The checks over time, as one page for engineers: what was checked, when, on how many rows, and with what result.

It stands in PROMISE_HOME/checks, loads nothing from elsewhere, and is no part of the public site.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from expectations.recorded import Result, in_words, results
from expectations.verdicts import Gate
from promise import database, ledger
from promise.catalogue.sources import sources
from promise.settings import settings

TEMPLATES = Path(__file__).parent / "templates"
GATES: Mapping[Gate, str] = {
    "arrival": "Arrival, by source",
    "publication": "Publication, by table, and by source where a new file was at fault",
}


@dataclass(frozen=True)
class Span:
    """Judgements in a row that came to the same, of which the last is told."""

    since: datetime
    times: int
    last: Result
    hidden: bool  # the file is under embargo: its cells are nobody's yet

    @property
    def cells(self) -> list[str]:
        return [] if self.hidden or self.last.success else [in_words(row) for row in self.last.rows]


@dataclass(frozen=True)
class Check:
    """One check of a source or table, and what it came to over time, newest first."""

    spans: tuple[Span, ...]

    @property
    def last(self) -> Result:
        return self.spans[0].last


@dataclass(frozen=True)
class Suite:
    """A source, or a table of the candidate, with its checks."""

    gate: Gate
    name: str
    title: str
    checks: tuple[Check, ...]

    @property
    def id(self) -> str:
        return f"{self.gate}-{self.name}"

    @property
    def failing(self) -> list[Check]:
        return [check for check in self.checks if not check.last.success]


def write() -> Path:
    """Write the page afresh from what the gates wrote down; returns where it is. It appears whole or not at all."""
    with database.connect("transformer") as conn:
        now = datetime.now(UTC)
        embargoed = {each.vintage for each in ledger.vintages(conn) if not each.is_due(now)}
        found = suites(results(conn), embargoed)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = (TEMPLATES / "checks.css").read_text()
    text = environment.get_template("checks.html.j2").render(
        style=Markup(style),  # our own file, and no template
        digest=Markup(base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()),
        gates=[(title, [suite for suite in found if suite.gate == gate]) for gate, title in GATES.items()],
        failing=[(suite, check) for suite in found for check in suite.failing],
        checks=sum(len(suite.checks) for suite in found),
        written_at=now,
    )
    page = settings().checks / "index.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    half = page.with_suffix(f".{os.getpid()}")  # a run and a person may write it at once
    half.write_text(text)
    half.rename(page)
    return page


def suites(recorded: Iterable[Result], embargoed: set[int]) -> list[Suite]:
    """What was recorded, by source and table and then by check."""
    series: dict[tuple[Gate, str], dict[tuple[Any, ...], list[Result]]] = defaultdict(lambda: defaultdict(list))
    seen: dict[tuple[Any, ...], int] = defaultdict(int)
    for result in recorded:
        check = (result.expectation, result.column_name, result.why)
        # Several of one kind, such as one for each pair of bounds, are told apart by their places in the suite.
        judgement = (result.run_id, result.gate, result.suite, result.vintage, *check)
        seen[judgement] += 1
        series[result.gate, result.suite][*check, seen[judgement]].append(result)
    titles = {source.id: source.title for source in sources().values()}
    return [
        Suite(
            gate=gate,
            name=name,
            title=titles.get(name, "no longer described" if gate == "arrival" else "of the candidate"),
            checks=tuple(Check(_spans(each, embargoed)) for each in checks.values()),
        )
        for (gate, name), checks in sorted(series.items())
    ]


def _spans(judged: list[Result], embargoed: set[int]) -> tuple[Span, ...]:
    found: list[Span] = []
    for result in judged:
        before = found[-1] if found else None
        if before and _outcome(before.last) == _outcome(result):
            found[-1] = replace(before, times=before.times + 1, last=result)
        else:
            found.append(Span(result.checked_at, 1, result, hidden=result.vintage in embargoed))
    return tuple(reversed(found))


def _outcome(result: Result) -> tuple[Any, ...]:
    return (
        result.vintage,
        result.severity,
        result.success,
        result.checked,
        result.unexpected,
        result.expected,
        result.rows,
    )
