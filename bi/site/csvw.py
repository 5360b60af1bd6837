"""CSV on the Web: what is in each CSV file, for programs that read tables (W3C, Metadata Vocabulary for Tabular Data).

`csv-metadata.json` stands in the folder of the files that it describes, where such programs look for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bi.site import files as named
from bi.site.open_data import File, Table

FILE_NAME = "csv-metadata.json"
# How the database's types are called there.
TYPES = {
    "integer": "integer",
    "bigint": "integer",
    "smallint": "integer",
    "numeric": "decimal",
    "double precision": "double",
    "boolean": "boolean",
    "date": "date",
    "timestamp with time zone": "dateTime",
}
# Of the columns that are written as texts, what is none.
OF_NAMED = {
    **dict.fromkeys(("figure", "low_95", "high_95"), "decimal"),
    **dict.fromkeys(("period_start", "period_end", "published_on"), "date"),
    "address": "anyURI",
}


def of_tables(files: Sequence[File]) -> str:
    """Of the tables as the warehouse has them."""
    return _written(
        {
            "url": f"{file.table.name}.csv",
            "dc:title": file.indicator.name if file.indicator is not None else file.table.name,
            "dc:description": file.table.description,
            "tableSchema": {"columns": [_column(c.name, _type(c.type), c.description) for c in file.table.columns]},
        }
        for file in files
    )


def of_named(names: Sequence[tuple[str, str]], tables: Mapping[str, Table]) -> str:
    """Of the figures with names in them, of these indicators or councils: id and name."""
    columns = [_column(name, {"datatype": OF_NAMED.get(name, "string")}, _said(source, tables)) for name, source in
               named.COLUMNS.items()]  # fmt: skip
    return _written({"url": f"{key}.csv", "dc:title": name, "tableSchema": {"columns": columns}} for key, name in names)


def _said(source: str, tables: Mapping[str, Table]) -> str | None:
    """What the database says of the column that the figures' query takes it from."""
    found = re.search(r"(\w+)\.(\w+)", source)
    assert found, source
    return next((each.description for each in tables[found[1]].columns if each.name == found[2]), None)


def _type(of_database: str) -> dict[str, Any]:
    if of_database.endswith("[]"):
        return {"datatype": "string", "separator": "; "}
    return {"datatype": TYPES.get(of_database, "string")}


def _column(name: str, kind: dict[str, Any], description: str | None) -> dict[str, Any]:
    return {"name": name, "titles": name, **kind, **({"dc:description": description} if description else {})}


def _written(tables: Iterable[dict[str, Any]]) -> str:
    described = {"@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}], "tables": [*tables]}
    return json.dumps(described, indent=1, ensure_ascii=False) + "\n"
