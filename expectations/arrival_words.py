"""What the arrival gate says to people, and how it addresses the cells that it speaks of."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from psycopg import Connection, sql

from expectations.arrival_suite import AREA, CONFLICT, ENDED, REPEAT, ROW, heading
from expectations.verdicts import Verdict, short
from ingestion.landing import read_sidecar
from ingestion.load import partition_name
from ingestion.readers.described import Asked, address_of
from promise.catalogue.shapes import Published, Searched
from promise.catalogue.sources import Source
from promise.ledger import Vintage


@dataclasses.dataclass(frozen=True)
class Words:
    """The words for one vintage. The connection is for looking up what two rows of one key differ in."""

    conn: Connection[Any]
    source: Source
    vintage: Vintage

    def refusal(self, verdicts: Sequence[Verdict]) -> str | None:
        """One message: the first thing that is wrong, in full, and how much more there is. None if nothing is."""
        refusing = [verdict for verdict in verdicts if verdict.refuses]
        if not refusing:
            return None
        others = len(refusing) - 1
        more = f" ({others} more {'check' if others == 1 else 'checks'} failed)" if others else ""
        return self.message(refusing[0]) + more

    def message(self, verdict: Verdict) -> str:
        """Source, file, cell, what was found, what was expected, what to do."""
        where = f"{self.source.id}: {self.vintage.file_name}"
        cells = sorted((row for row in verdict.rows if ROW in row), key=lambda row: row[ROW])
        if verdict.error or verdict.vacuous:
            found = (f"under {verdict.heading!r}, " if verdict.heading else "") + verdict.reason
        elif cells:
            where += f", {self.place(cells[0], verdict.heading)}"
            found = self._found(verdict, cells[0])
            if verdict.unexpected > 1:
                found += f" (and {verdict.unexpected - 1} more)"
        elif verdict.heading:
            found = f"found {verdict.observed} different areas under {verdict.heading!r}"
        else:
            found = f"found {verdict.observed} rows"
        return f"{where}: {found}; expected {verdict.expected}. To do: {verdict.remedy}"

    def addressed(self, verdict: Verdict) -> Verdict:
        """The verdict with each sampled row as a person would look it up: address first, our helpers left out."""
        rows = tuple(self._shown(row, verdict.heading) if ROW in row else row for row in verdict.rows)
        return dataclasses.replace(verdict, rows=rows)

    def place(self, row: dict[str, Any], published: str | None = None) -> str:
        """The address of a row, or of the cell under a published heading, in the landed file."""
        if cell := row.get(self.source.table.column_of("@cell") or ""):
            return str(cell)  # a row is one cell of the file, and says which
        reader = self.source.table.reader
        if published and isinstance(reader, Published | Searched):
            asked = Asked(self.source.id, self.vintage.file_name, self.source.table.columns)
            landed = read_sidecar(self.source.id, self.vintage.snapshot_id).content
            if address := address_of(landed, asked, reader, row[ROW], published):
                return address
        line = self._row(row[ROW])
        return f"{line}:{published}" if published else line

    def _row(self, number: int) -> str:
        shape = self.source.table.reader.shape
        if shape == "geojson":
            return f"features[{number - 1}]"
        return f"row {number}" if shape in ("workbook", "statxplore", "jsonstat") else f"line {number}"

    def _shown(self, row: dict[str, Any], published: str | None) -> dict[str, Any]:
        columns = self.source.table.columns
        shown = {name: short(value) for name, value in row.items() if name in columns}
        twin = row.get(CONFLICT) or row.get(REPEAT)
        return {"address": self.place(row, published), **shown} | ({"twin": self._row(twin)} if twin else {})

    def _found(self, verdict: Verdict, row: dict[str, Any]) -> str:
        twin = row.get(CONFLICT) or row.get(REPEAT)
        if verdict.heading or twin is None:
            value = row.get(verdict.column or "")
            checks = self.source.table.checks
            ended = row.get(ENDED) if checks.area and verdict.column == checks.area.column else None
            if ended and checks.area and checks.period:
                when = row.get(checks.period.column)
                return f"found {value!r} for {when!r}, a code that ended on {ended}; its area is {row[AREA]} since"
            return "found an empty cell" if value is None else f"found {short(value)!r}"
        key = ", ".join(f"{heading(self.source, each)} {short(row[each])!r}" for each in self.source.table.checks.key)
        if row.get(CONFLICT) is None:
            return f"found {key} a second time, the same as {self._row(twin)}"
        return f"found {key} a second time, with {self._difference(row[ROW], twin)} on {self._row(twin)}"

    def _difference(self, row: int, twin: int) -> str:
        columns = self.source.table.newest
        there, here = self.conn.execute(
            sql.SQL("select {} from {} where _row = any(%s) order by _row = %s").format(
                sql.SQL(", ").join(map(sql.Identifier, columns)),
                sql.Identifier("raw", partition_name(self.source, self.vintage.vintage)),
            ),
            ([row, twin], row),
        ).fetchall()
        return ", ".join(
            f"{published} {short(now)!r} where it is {short(before)!r}"
            for published, before, now in zip(columns.values(), there, here, strict=True)
            if before.strip() != now.strip()
        )
