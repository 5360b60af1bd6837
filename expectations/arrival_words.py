"""What the arrival gate says to people, and how it addresses the cells that it speaks of."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from psycopg import Connection, sql

from expectations.arrival_rows import AREA, CONFLICT, ENDED, REPEAT, ROW
from expectations.arrival_rules import heading
from expectations.verdicts import Verdict
from ingestion.landing import read_sidecar
from ingestion.load import partition_name
from ingestion.readers.described import Asked, address_of
from promise.catalogue.shapes import Published, Searched
from promise.catalogue.sources import Source
from promise.ledger import Vintage
from promise.vocabulary.quoting import found, quoted
from warehouse.as_seen import AsSeen, as_seen, key_of


@dataclasses.dataclass(frozen=True)
class Words:
    """The words for one vintage. The connection is for looking up what two rows of one key differ in."""

    conn: Connection[Any]
    source: Source
    vintage: Vintage
    content: Path | None = None  # the file, where it is not landed

    @functools.cached_property
    def _as_seen(self) -> Callable[[Sequence[str | None]], AsSeen]:
        return as_seen(self.conn, self.source)

    def _of_row(self, row: dict[str, Any]) -> AsSeen:
        """How readers see the figures of a row, as far as its source has given them before."""
        if ROW not in row or not key_of(self.source):
            return AsSeen()
        columns = sql.SQL(", ").join(map(sql.Identifier, key_of(self.source)))
        cells = self.conn.execute(
            sql.SQL("select {} from judged where {} = %s").format(columns, sql.Identifier(ROW)), (row[ROW],)
        ).fetchone()
        return self._as_seen(cells or ())

    def refusal(self, verdicts: Sequence[Verdict]) -> str | None:
        """One message: the first thing that is wrong, in full, and how much more there is. None if nothing is."""
        if not verdicts:
            return None
        others = len(verdicts) - 1
        more = f" ({others} more {'check' if others == 1 else 'checks'} failed)" if others else ""
        return self.message(verdicts[0]) + more

    def message(self, verdict: Verdict) -> str:
        """Source, file, cell, what was found, what was expected, what to do."""
        where = f"{self.source.id}: {self.vintage.file_name}"
        if verdict.vacuous:
            found = (f"under {verdict.heading!r}, " if verdict.heading else "") + verdict.reason
        elif verdict.rows and ROW in verdict.rows[0]:
            where += f", {self.place(verdict.rows[0], self._published(verdict, verdict.rows[0]))}"
            found = self._found(verdict, verdict.rows[0]) + self._more(verdict)
        elif verdict.rows and verdict.observed is None:
            found = self._absent(verdict) + self._more(verdict)
        else:
            found = f"found {verdict.observed}"
        return f"{where}: {found}; expected {verdict.expected}. To do: {verdict.remedy}"

    def addressed(self, verdict: Verdict) -> Verdict:
        """The verdict with each sampled row as a person would look it up: address first, our helpers left out."""
        if verdict.observed is not None and not verdict.success:
            return dataclasses.replace(verdict, rows=({"observed": verdict.observed},))
        rows = tuple(self._shown(row, self._published(verdict, row)) if ROW in row else row for row in verdict.rows)
        return dataclasses.replace(verdict, rows=rows)

    def place(self, row: dict[str, Any], published: str | None = None) -> str:
        """The address of a row, or of the cell under a published heading, in the landed file."""
        if cell := row.get(self.source.table.column_of("@cell") or ""):
            return str(cell)  # a row is one cell of the file, and says which
        reader = self.source.table.reader
        if published and isinstance(reader, Published | Searched):
            asked = Asked(self.source.id, self.vintage.file_name, self.source.table.columns)
            landed = self.content or read_sidecar(self.source.id, self.vintage.snapshot_id).content
            if address := address_of(landed, asked, reader, row[ROW], published):
                return address
        line = self._row(row[ROW])
        return f"{line}:{published}" if published else line

    @staticmethod
    def _more(verdict: Verdict) -> str:
        return f" (and {verdict.unexpected - 1} more)" if verdict.unexpected > 1 else ""

    def _published(self, verdict: Verdict, row: dict[str, Any]) -> str | None:
        """The published heading of the column that a row is at fault in."""
        return heading(self.source, row["column_name"]) if "column_name" in row else verdict.heading

    def _absent(self, verdict: Verdict) -> str:
        """What should be in the file and is not."""
        row = verdict.rows[0]
        if verdict.expectation == "every_area_in_the_newest_period":
            when = f" in {row['period']}" if row["period"] else ""
            return f"{row['area_name']} is missing{when}"
        series = f"{row['label']!r}" + (f" in {row['heading']!r}" if row["heading"] else "")
        if row["heading_now"] is not None:
            return f"found {row['label']!r} in {row['heading_now']!r} where it was in {row['heading']!r}"
        return f"the series {series} is not given any more"

    def _row(self, number: int) -> str:
        shape = self.source.table.reader.shape
        if shape == "geojson":
            return f"features[{number - 1}]"
        return f"row {number}" if shape in ("workbook", "statxplore", "jsonstat") else f"line {number}"

    def _shown(self, row: dict[str, Any], published: str | None) -> dict[str, Any]:
        columns, seen = self.source.table.columns, self._of_row(row)
        shown = {
            name: quoted(seen.cell(value) if name not in self.source.table.checks.key else value, self.source.markers)
            for name, value in row.items()
            if name in columns or name in ("now", "earlier")
        }
        twin = row.get(CONFLICT) or row.get(REPEAT)
        return {"address": self.place(row, published), **shown} | ({"twin": self._row(twin)} if twin else {})

    def _found(self, verdict: Verdict, row: dict[str, Any]) -> str:
        twin = row.get(CONFLICT) or row.get(REPEAT)
        if "column_name" in row:
            seen = self._of_row(row)
            share = f"{verdict.unexpected} of {verdict.checked} figures are others than in the edition before, "
            return (share if verdict.expectation == "revised" else "") + (
                f"found {quoted(seen.cell(row['now']))} where it was {quoted(seen.cell(row['earlier']))}"
            )
        if verdict.heading or twin is None:
            value = row.get(verdict.column or "")
            checks = self.source.table.checks
            ended = row.get(ENDED) if checks.area and verdict.column == checks.area.column else None
            if ended and checks.area and checks.period:
                when = row.get(checks.period.column)
                since = f"a code that ended on {ended}; its area is {row[AREA]} since"
                return f"found {self._quoted(value)} for {self._quoted(when)}, {since}"
            if value is None:
                return "found an empty cell"
            is_of_key = verdict.column in self.source.table.checks.key
            return f"found {self._quoted(value if is_of_key else self._of_row(row).cell(value))}"
        key = ", ".join(
            f"{heading(self.source, each)} {self._quoted(row[each])}" for each in self.source.table.checks.key
        )
        if row.get(CONFLICT) is None:
            return f"found {key} a second time, the same as {self._row(twin)}"
        return f"found {key} a second time, with {self._difference(row, twin)} on {self._row(twin)}"

    def _quoted(self, value: object) -> str:
        return found(value, self.source.markers)

    def _difference(self, row: dict[str, Any], twin: int) -> str:
        columns, seen = self.source.table.newest, self._of_row(row)
        rows = self.conn.execute(
            sql.SQL("select _row, {} from {} where _row = any(%s)").format(
                sql.SQL(", ").join(map(sql.Identifier, columns)),
                sql.Identifier("raw", partition_name(self.source, self.vintage.vintage)),
            ),
            ([row[ROW], twin],),
        ).fetchall()
        key = [place for place, name in enumerate(columns) if name in self.source.table.checks.key]
        asked = [row[name] for name in columns if name in self.source.table.checks.key]

        def nearest(number: int, wanted: Sequence[str]) -> list[str]:
            """Of the cells that a row of a cross-tab is, the one that the key names, however a place is spelled."""
            cells = [[*texts] for at, *texts in rows if at == number]
            return min(
                cells, key=lambda each: sum(each[k].strip() != text for k, text in zip(key, wanted, strict=True))
            )

        here = nearest(row[ROW], asked)
        there = nearest(twin, [here[place].strip() for place in key])
        return ", ".join(
            f"{published} {self._quoted(seen.cell(now))} where it is {self._quoted(seen.cell(before))}"
            for published, before, now in zip(columns.values(), there, here, strict=True)
            if published != "@cell" and before.strip() != now.strip()
        )
