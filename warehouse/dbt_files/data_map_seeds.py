"""What people decided about the Data Map, as seeds."""

from __future__ import annotations

from promise.catalogue.data_map import Link, data_map, targets
from warehouse.dbt_files.seeds import Records, Rows, seed, seed_of


@seed_of(Link, "framework__dataset_link", named={"dataset": "dataset_id", "about": "target_id"}, also="target_kind")
def links() -> Records:
    kinds = targets()
    return [(each, {"target_kind": kinds[each.about]}) for each in data_map().links]


@seed("framework__synonym", "word synonym_group")
def synonyms() -> Rows:
    """Each word with the word that stands for its group."""
    for group in data_map().synonyms:
        yield from ((word, group.id) for word in group.words)


@seed("framework__child_word", "word")
def child_words() -> Rows:
    yield from ((word,) for word in data_map().children)
