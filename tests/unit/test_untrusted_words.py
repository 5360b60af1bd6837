"""Words from a publisher's file, or from an entry that was made of one, stay words in what is generated."""

from __future__ import annotations

import jinja2
import pytest

import warehouse.dbt_files as generated
from promise.catalogue.sources import Source, sources

WORDS = [
    "{{ env_var('PROMISE_OWNER_PASSWORD') }}",
    "{% enddocs %}{% docs other %}",
    "{# hidden #}",
    "{{{ 1 }}}",
    "100%}",
]


def named(words: str) -> Source:
    """The first source, with these words as its title and as the heading of its first column."""
    source = next(iter(sources().values()))
    first = next(iter(source.table.columns))
    table = source.table.model_copy(update={"columns": source.table.columns | {first: (words,)}})
    return source.model_copy(update={"title": words, "table": table})


@pytest.mark.parametrize("words", WORDS)
def test_a_heading_is_shown_and_not_rendered(words: str) -> None:
    table = generated._source(named(words))["tables"][0]
    for description in (table["description"], table["columns"][0]["description"]):
        shown = jinja2.Environment(undefined=jinja2.StrictUndefined).from_string(description).render()
        assert words in shown


@pytest.mark.parametrize("words", WORDS)
def test_a_heading_ends_no_block_of_the_docs(monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    from dbt_common.clients.jinja import extract_toplevel_blocks

    source = named(words)
    monkeypatch.setattr(generated, "sources", lambda: {source.id: source})
    blocks = extract_toplevel_blocks(generated.headings(), allowed_blocks={"docs"}, collect_raw_data=False)
    columns = [*source.table.columns, "_vintage", "_row"]
    assert [block.block_name for block in blocks] == [f"{source.id}__{name}" for name in columns]
    assert words in jinja2.Environment().from_string(blocks[0].contents).render()
