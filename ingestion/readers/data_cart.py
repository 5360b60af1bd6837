"""statistics.gov.scot's data cart: one row a place, and in each heading everything that its figures are of.

`Age of First Time Mothers: Age = All; Reference Period = 1999/00-2001/02; measure type = Count`: a dataset, and behind
it each dimension with its value. It is read as one row a figure, with a column for each dimension. Of a real cart only
the line of headings was found; that below it each place has one line is what these headings say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from ingestion.errors import SourceChanged
from ingestion.readers.tables import Heading, Row, Table, listed
from ingestion.readers.text import examine, records

PLACE = ("Feature Identifier", "Feature Name")
DATASET, VALUE = "Dataset", "Value"
OF_A_FIGURE = re.compile(r"^(?P<dataset>.+?): (?P<dimensions>[^=;]+ = .+)$")
NEXT_DIMENSION = re.compile(r"; (?=[^=;]+ = )")


def is_cart(headings: Sequence[str]) -> bool:
    """Whether a first line is that of a cart: two columns of the place, and behind them only figures."""
    return tuple(headings[:2]) == PLACE and len(headings) > 2 and all(map(OF_A_FIGURE.match, headings[2:]))


def read_cart(path: Path, where: str) -> Table:
    """A cart, one row a figure. Raises SourceChanged for a heading or a line that is none of a cart."""
    facts = examine(path, where)
    lines = list(records(path, facts, ",", where))
    printed = [text.strip() for text in lines[0][1]] if lines else []
    if not is_cart(printed):
        raise SourceChanged(
            f"{where}, line 1: expected {listed(PLACE)} and then headings like 'Dataset: Dimension = value; …', found "
            f"{len(printed)} others. Fetch the data cart again, or look at line 1"
        )
    figures = [_taken_apart(text) for text in printed[2:]]
    dimensions = list(dict.fromkeys(name for figure in figures for name in figure))
    names = (*PLACE, *dimensions, VALUE)
    body = [each for each in lines[1:] if any(each[1])]
    for line, cells in body:
        if len(cells) != len(printed):
            raise SourceChanged(
                f"{where}, line {line}: {len(cells)} cells where the headings are {len(printed)}; the file was cut "
                "short there. Fetch the data cart again"
            )

    def rows() -> Iterator[Row]:
        for place, (_, cells) in enumerate(body):
            for position, figure in enumerate(figures):
                texts = (*cells[:2], *(figure.get(name, "") for name in dimensions), cells[2 + position])
                yield Row(place * len(figures) + position + 1, texts)

    def address(row: int, position: int) -> str:
        place, figure = divmod(row - 1, len(figures))
        heading = PLACE[position] if position < len(PLACE) else printed[2 + figure]
        return f"line {body[place][0]}:{heading}" if position in (0, 1, len(names) - 1) else f"line 1:{heading}"

    return Table(
        name=path.name,
        place="lines 1 to the end",
        headings=tuple(Heading((name,), (), (name,), "line 1") for name in names),
        labels=len(names),
        rows=rows,
        address=address,
        findings=facts.findings,
        tidy=True,
        first_row=1,
    )


def _taken_apart(heading: str) -> dict[str, str]:
    """The dataset and each dimension of a figure."""
    found = OF_A_FIGURE.match(heading)
    assert found, "is_cart has matched it"
    pairs = [each.partition(" = ") for each in NEXT_DIMENSION.split(found["dimensions"])]
    return {DATASET: found["dataset"], **{name.strip(): value.strip() for name, _, value in pairs}}
