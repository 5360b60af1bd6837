"""What docs/connectors.md says of the day on which a publisher first answers is what the catalogue says."""

from __future__ import annotations

import pytest

from promise.catalogue.framework import framework
from promise.catalogue.sources import Source, sources
from workbench.pages import first_answers

ASKED = [each for each in sources().values() if each.live or each.own_dag]


def line(source_id: str) -> str:
    (found,) = [each for each in first_answers.table().splitlines() if each.startswith(f"| `{source_id}` |")]
    return found


def test_the_page_is_up_to_date() -> None:
    assert first_answers.PAGE.read_text(encoding="utf-8") == first_answers.text(), "run: python -m workbench.pages"
    assert first_answers.table() in first_answers.text()


def test_every_source_stands_there_once() -> None:
    assert len(ASKED) > 10
    table = first_answers.table()
    for source in sources().values():
        assert table.count(f"| `{source.id}` |") == (source in ASKED)
        assert source in ASKED or f"`{source.id}`" in table.splitlines()[-1]


@pytest.mark.parametrize("source", ASKED, ids=lambda each: each.id)
def test_it_names_the_pages_that_change(source: Source) -> None:
    named = {
        indicator.id
        for _, _, indicator in framework().indicators()
        for measure in indicator.measures
        if source.id in {each.source for each in measure.series}
    }
    said = line(source.id)
    if source.figures is None:
        assert "whatever reads that list" in said
    elif named:
        assert all(f"`{each}`" in said for each in named) and "once accepted" in said
    else:
        assert "no series names it" in said
    assert ("nothing is held to compare with" in said) == (source.figures is not None and not source.bundle)
