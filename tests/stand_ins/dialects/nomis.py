"""Nomis: tables as CSV under upper-case headings, in pages; at 25,000 rows the service stops and does not say so.

A key raises that limit; by how much is not documented, so here it changes nothing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from stand_ins.publisher import Exchange, Publisher

ROOT = "/api/v01"


def speak(publisher: Publisher, dataset: str, rows: Sequence[Mapping[str, str]], at_most: int = 25_000) -> None:
    """A dataset, its rows by column; each also says how many there are.

    Beyond the end nothing comes, not even headings. A limit lower than what is asked for is applied without a word.
    """

    def play(exchange: Exchange) -> None:
        query = exchange.asked.query
        start, count = int(query.get("recordoffset", 0)), int(query.get("recordlimit", 25_000))
        page = rows[start : start + min(count, at_most)]
        columns = query["select"].split(",")
        text = io.StringIO(newline="")
        write = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows
        if page:
            counted = {"record_count": str(len(rows))}
            cells = ([(row | counted)[column] for column in columns] for row in map(dict, page))
            write([[column.upper() for column in columns], *cells])
        exchange.answer(200, text.getvalue().encode(), Content_Type="text/csv")

    publisher.page(f"{ROOT}/dataset/{dataset}.data.csv", behaviour=play)
