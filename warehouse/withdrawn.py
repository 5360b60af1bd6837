"""Which figures publishers have withdrawn, in words."""

from __future__ import annotations

from typing import Any

from psycopg import Connection


def words(conn: Connection[Any]) -> list[str]:
    """A sentence for each source and file that left figures out which it had before, as the warehouse was last built.

    None before it was built for the first time, or of figures that a later file has again.
    """
    if conn.execute("select to_regclass('intermediate.int_succession')").fetchone() == (None,):
        return []
    gone = conn.execute(
        "select source_id, replaced_by, count(*), max(replaced_on),"
        " (array_agg(measure_id order by measure_id, area_code, period_start))[1],"
        " (array_agg(coalesce(area_name, area_code) order by measure_id, area_code, period_start))[1],"
        " (array_agg(period_label order by measure_id, area_code, period_start))[1]"
        " from intermediate.int_succession"
        " left join (select distinct area_code, area_name from staging.vocabulary__area_alias) as area"
        " using (area_code)"
        " where is_gone and given_again_by is null group by source_id, replaced_by order by source_id, replaced_by"
    ).fetchall()
    return [
        f"{source_id}: {count:,} {'figure' if count == 1 else 'figures'} that it gave before"
        f" {'is' if count == 1 else 'are'} not in vintage {replaced_by}, such as {measure} of {area}, {period}:"
        f" withdrawn since {since:%d %B %Y}, unless another source gives"
        f" {'it' if count == 1 else 'them'} (`replaces` in its source.yml says what a newer file takes the place of)"
        for source_id, replaced_by, count, since, measure, area, period in gone
    ]
