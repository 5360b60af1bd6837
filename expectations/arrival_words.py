"""What the arrival gate says to people, and how it addresses the cells that it speaks of."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from psycopg import Connection, sql

from expectations.arrival_suite import CONFLICT, REPEAT, ROW, heading
from expectations.verdicts import Verdict, short
from ingestion.load import partition_name
from promise.catalogue.sources import GeoJson, Source
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
            where += f", {self.place(cells[0][ROW], verdict.heading)}"
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

    def place(self, row: int, published: str | None = None) -> str:
        """The address of a row, or of the cell under a published heading, in the landed file."""
        line = f"features[{row - 1}]" if isinstance(self.source.table.reader, GeoJson) else f"line {row}"
        return f"{line}:{published}" if published else line

    def _shown(self, row: dict[str, Any], published: str | None) -> dict[str, Any]:
        columns = self.source.table.columns.values()
        shown = {name: short(value) for name, value in row.items() if name in columns}
        twin = row.get(CONFLICT) or row.get(REPEAT)
        return {"address": self.place(row[ROW], published), **shown} | ({"twin": self.place(twin)} if twin else {})

    def _found(self, verdict: Verdict, row: dict[str, Any]) -> str:
        twin = row.get(CONFLICT) or row.get(REPEAT)
        if verdict.heading or twin is None:
            value = row.get(verdict.column or "")
            return "found an empty cell" if value is None else f"found {short(value)!r}"
        key = ", ".join(f"{heading(self.source, each)} {short(row[each])!r}" for each in self.source.table.checks.key)
        if row.get(CONFLICT) is None:
            return f"found {key} a second time, the same as {self.place(twin)}"
        return f"found {key} a second time, with {self._difference(row[ROW], twin)} on {self.place(twin)}"

    def _difference(self, row: int, twin: int) -> str:
        columns = self.source.table.columns
        there, here = self.conn.execute(
            sql.SQL("select {} from {} where _row = any(%s) order by _row = %s").format(
                sql.SQL(", ").join(map(sql.Identifier, columns.values())),
                sql.Identifier("raw", partition_name(self.source, self.vintage.vintage)),
            ),
            ([row, twin], row),
        ).fetchall()
        return ", ".join(
            f"{published} {short(now)!r} where it is {short(before)!r}"
            for published, before, now in zip(columns, there, here, strict=True)
            if before.strip() != now.strip()
        )
