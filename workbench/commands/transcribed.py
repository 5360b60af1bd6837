"""`promise status --transcribed`: the figures that stand only because this project typed them from pages.

A list to work off: for each measure and publication the page, which figures there are of it, and whose file is missing.
"""

from __future__ import annotations

import json
from typing import Any

from psycopg.rows import dict_row
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from warehouse import releases
from workbench.commands.status import open_database

QUERY = """
    select measure_id, source_kind, read_from, seen_through, publisher, publication_title, publication_url,
        count(*) as figures,
        (array_agg(period_label order by period_start))[1] as first_period,
        (array_agg(period_label order by period_start desc))[1] as last_period
    from marts.provenance where read_from is not null
    group by measure_id, source_kind, read_from, seen_through, publisher, publication_title, publication_url
    order by source_kind, publisher, publication_title, measure_id, read_from
"""


def show(as_json: bool = False) -> None:
    """Print the list, with how many figures of the release are typed and how many of these from others' pages."""
    with open_database() as conn:
        if releases.current(conn) is None:
            Console(emoji=False).print("Nothing has been released yet; `make run` releases.")
            return
        with conn.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(QUERY).fetchall()
            total = cursor.execute("select count(*) as figures from marts.provenance").fetchone()
    assert total is not None
    if as_json:
        print(json.dumps({"figures": total["figures"], "transcribed": rows}, indent=2, default=str))  # noqa: T201
        return
    console = Console(emoji=False)
    console.print(_table(rows))
    typed = sum(row["figures"] for row in rows)
    quoted = sum(row["figures"] for row in rows if row["source_kind"] == "quoted_elsewhere")
    console.print(
        f"{typed:,} of {total['figures']:,} figures are typed by this project, {quoted:,} of them from pages of others"
        " who quote the publisher. A file of the publisher that gives one takes its place: docs/sources.md says how it"
        " is added, and `source_preference` of the indicator that it goes first.",
        highlight=False,
        soft_wrap=True,
    )


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table("publication", "measure", "figures", "periods", title="Typed figures", title_justify="left")
    table.add_column("read from", overflow="fold")  # an address is to be followed
    for row in rows:
        periods = row["first_period"] if row["figures"] == 1 else f"{row['first_period']} to {row['last_period']}"
        read = escape(row["read_from"]) + (" (quotes it)" if row["seen_through"] else "")
        table.add_row(
            escape(f"{row['publication_title']}, {row['publisher']}"),
            row["measure_id"],
            str(row["figures"]),
            periods,
            read,
        )
    return table
