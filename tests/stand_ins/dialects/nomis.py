"""Nomis: tables as CSV under upper-case headings, in pages; without a key the service stops at 25,000 rows unsaid."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from stand_ins.publisher import Exchange, Publisher

ROOT = "/api/v01"


def speak(publisher: Publisher, dataset: str, rows: Sequence[Mapping[str, str]], at_most: int = 25_000) -> None:
    """A dataset, its rows by column; `at_most` is the limit of those without a key. Beyond the end nothing comes."""

    def play(exchange: Exchange) -> None:
        query = exchange.asked.query
        start, count = int(query.get("recordoffset", 0)), int(query.get("recordlimit", 25_000))
        page = rows[start : start + (count if query.get("uid") else min(count, at_most))]
        columns = query["select"].split(",")
        text = io.StringIO(newline="")
        write = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows
        if page:
            write([[column.upper() for column in columns], *([row[column] for column in columns] for row in page)])
        exchange.answer(200, text.getvalue().encode(), Content_Type="text/csv")

    publisher.page(f"{ROOT}/dataset/{dataset}.data.csv", behaviour=play)
