"""What happens on the day on which each publisher first answers: a table of docs/connectors.md."""

from __future__ import annotations

from promise.catalogue.framework import framework
from promise.catalogue.sources import Source, sources
from promise.settings import ROOT

PAGE = ROOT / "docs" / "connectors.md"
BEGIN = "<!-- Made of ingestion/sources/ and framework/ by `python -m workbench.pages`; do not edit. -->\n"
END = "<!-- Here that ends. -->\n"
REPLACES = {
    "whole": "takes the place of all that is held",
    "its_periods": "takes the place of what is held of its series and periods",
    "nothing": "takes the place of none",
}


def table() -> str:
    """One line for each source that may answer, in the order of their ids, and the names of those that nobody asks."""
    asked = [each for each in sources().values() if each.live or each.own_dag]
    never = [f"`{each.id}`" for each in sources().values() if each not in asked]
    lines = [
        "| source | who is asked | what the first answer is | what changes, without a person |",
        "| --- | --- | --- | --- |",
        *(f"| `{each.id}` | {_asked(each)} | {_is(each)} | {_changes(each)} |" for each in asked),
        *(["", f"What ships is all there is of {', '.join(never)}: nobody is asked."] if never else []),
    ]
    return "\n".join(lines) + "\n"


def text() -> str:
    """The whole page, with the table as it should be."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def write() -> bool:
    """Write the page when it differs from what it should be; returns whether it did."""
    content = text()
    if PAGE.read_text(encoding="utf-8") == content:
        return False
    PAGE.write_text(content, encoding="utf-8")
    return True


def _asked(source: Source) -> str:
    if source.own_dag:
        return "whom its own DAG asks"
    assert source.live is not None
    if source.live.transport == "file_drop":
        return "the inbox"
    tried = f", tried on {source.live.tried_on}" if source.live.tried_on else ""
    return f"`{source.live.transport}`: {', '.join(source.live.hosts)}{tried}"


def _is(source: Source) -> str:
    shape = "its publisher's own layout" if source.live and source.live.reads else "the layout of `table`"
    if source.figures is None:
        return f"a newer list in {shape}, which {REPLACES['whole']}"
    if source.is_of_publications_as_a_whole:
        named = f"a publication of its own, `{source.id}_v…`, after those of the bundle"
    else:
        named = "rows that each name their publication"
    beside = f", and {REPLACES[source.replaces]}" if source.bundle else ", beside which nothing is held to compare with"
    return f"{named}; read in {shape}{beside}"


def _changes(source: Source) -> str:
    if source.figures is None:
        return "whatever reads that list"
    fed = sorted(
        {
            indicator.id
            for _, _, indicator in framework().indicators()
            for measure in indicator.measures
            if any(series.source == source.id for series in measure.series)
        }
    )
    if not fed:
        return "no page: no series names it, and its figures wait in staging"
    return f"once accepted, the pages of {', '.join(f'`{each}`' for each in fed)}"
