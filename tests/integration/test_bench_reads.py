"""What people wait for, measured over the warehouse of the bundle."""

from __future__ import annotations

from typing import Any

import pytest

from bi.metabase.spec import spec
from bi.site.queries import QUERIES
from warehouse.releases import reading
from workbench.bench import reads as bench_reads
from workbench.bench.figure import Sizes

ONCE = Sizes(rounds=1)


@pytest.mark.usefixtures("warehouse")
def test_every_query_of_the_site_and_every_question_is_measured() -> None:
    with reading() as conn:
        site = bench_reads.site_queries(conn, ONCE)
        questions = bench_reads.metabase_questions(conn, ONCE)
    assert set(site) == set(QUERIES)
    with_filters = {f"{card.id}, chosen" for card in spec().cards.values() if card.filters}
    assert set(questions) == set(spec().cards) | with_filters
    assert with_filters
    assert all(seconds > 0 for seconds in {**site, **questions}.values())


def test_the_slowest_of_each_is_named(warehouse: Any) -> None:
    site, question = bench_reads.reads(ONCE)
    assert site.name.startswith(f"slowest site query of {len(QUERIES)}: ")
    assert question.name.startswith("slowest Metabase question of ")
    assert site.ours > 0 and question.ours > 0 and site.limit is None
