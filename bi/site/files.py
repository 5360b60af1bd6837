"""The figures of each indicator and of each council with names in them, as CSV and as JSON, at addresses that stay.

`data/indicators/<indicator_id>.csv` and `.json`, `data/councils/<area_code>.csv` and `.json`. The tables as the
warehouse has them are `bi.site.open_data`'s.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from psycopg.rows import dict_row

from bi.site import rows
from bi.site.queries import Marts
from promise.spreadsheets import as_text

# What a row says, by its heading; those in TEXTS come from publishers, and could be a formula to a spreadsheet.
COLUMNS = {
    "indicator": "dim_indicator.name",
    "indicator_id": "fct_observation.indicator_id",
    "measure": "dim_measure.title",
    "measure_id": "fct_observation.measure_id",
    "counts": "dim_measure.population",
    "area": "coalesce(dim_area.area_name, fct_observation.area_code)",
    "area_code": "fct_observation.area_code",
    "period": "fct_observation.period_label",
    "period_start": "fct_observation.period_start::text",
    "period_end": "fct_observation.period_end::text",
    "breakdown": "fct_observation.breakdown",
    "breakdown_value": "fct_observation.breakdown_value",
    "figure": "fct_observation.obs_value::text",
    "unit": "fct_observation.unit",
    "status": "fct_observation.obs_status",
    "confidentiality": "fct_observation.conf_status",
    "low_95": "fct_observation.lci_95::text",
    "high_95": "fct_observation.uci_95::text",
    "publication": "dim_publication.title",
    "publisher": "dim_publication.publisher",
    "published_on": "dim_publication.published_on::text",
    "address": "dim_publication.url",
    "source_cell": "fct_observation.source_cell",
    "typed_from": "fct_observation.read_from",
    "seen_through": "fct_observation.seen_through",
}
TEXTS = (
    "indicator",
    "measure",
    "area",
    "period",
    "breakdown_value",
    "publication",
    "publisher",
    "source_cell",
    "seen_through",
)
FROM = """marts.fct_observation
join marts.dim_indicator using (indicator_id)
join marts.dim_measure using (measure_id)
join marts.dim_publication using (publication_id)
left join marts.dim_area on dim_area.area_code = fct_observation.area_code and dim_area.is_current"""
ORDER = "4, 7, 9, 10, 11, 12"  # measure, area, period, breakdown
QUERY = f"select {', '.join(f'{source} as {name}' for name, source in COLUMNS.items())} from {FROM} order by {ORDER}"
# Of a council's file: who is meant stands in its name. Of a JSON file: what repeats stands once, at the top.
SHORT = (
    "indicator_id", "measure_id", "area_code", "period", "period_start", "period_end", "breakdown", "breakdown_value",
    "figure", "status", "confidentiality", "low_95", "high_95", "source_cell",
)  # fmt: skip


def write(marts: Marts, folder: Path) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Writes the files below `folder`; returns id and name of each indicator and of each council that has one."""
    # Areas can share a code over time, and a figure stands once: the join is of codes that are current.
    with marts.conn.cursor(row_factory=dict_row) as cursor:
        figures: list[dict[str, Any]] = cursor.execute(QUERY.encode()).fetchall()
    councils = {council.area_code: council.area_name for council in marts.councils}
    names = {i.indicator_id: i.name for i in marts.indicators}
    indicators = _write(folder / "indicators", figures, "indicator_id", names, marts.release)
    of_councils = sorted((row for row in figures if row["area_code"] in councils), key=itemgetter("area_code"))
    return indicators, _write(folder / "councils", of_councils, "area_code", councils, marts.release)


def _write(
    folder: Path, figures: Iterable[dict[str, Any]], key: str, names: dict[str, str], release: rows.Release
) -> list[tuple[str, str]]:
    folder.mkdir()
    by_key = {k: list(some) for k, some in groupby(sorted(figures, key=itemgetter(key)), key=itemgetter(key))}
    for each, some in by_key.items():
        with (folder / f"{each}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows([_cell(name, value) for name, value in row.items()] for row in some)
        (folder / f"{each}.json").write_text(_json(each, names[each], some, release), encoding="utf-8")
    return sorted(((each, names[each]) for each in by_key), key=itemgetter(1))


def _cell(name: str, value: Any) -> Any:
    return as_text(value) if name in TEXTS and value is not None else value


def _json(key: str, name: str, figures: Sequence[dict[str, Any]], release: rows.Release) -> str:
    described = {
        "id": key,
        "name": name,
        "release": release.release_id,
        "measures": {
            row["measure_id"]: {"title": row["measure"], "unit": row["unit"], "counts": row["counts"]}
            for row in figures
        },
        "areas": {row["area_code"]: row["area"] for row in figures},
        "figures": [{column: row[column] for column in SHORT if row[column] is not None} for row in figures],
    }
    return json.dumps(described, ensure_ascii=False, separators=(",", ":")) + "\n"
