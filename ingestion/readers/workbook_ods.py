"""The same facts for OpenDocument spreadsheets, whose sheets stand in one part one after another."""

from __future__ import annotations

import zipfile

from ingestion.errors import SourceChanged, locked
from ingestion.readers.archive import pieces
from ingestion.readers.workbook_facts import MOST_NAMED, Facts, integer, local, parse

CONTENT = "content.xml"
MOST_REPEATED = 1 << 20  # rows of a sheet; a filled cell that claims more repeats is damaged


def refuse_locked(archive: zipfile.ZipFile, where: str) -> None:
    """OpenDocument keeps its directory open and locks the parts. Raises SourceChanged for a locked file."""
    names = archive.namelist()
    if CONTENT not in names:
        raise SourceChanged(f"{where} is a zip file without {CONTENT}; expected a spreadsheet. Fetch it again")
    if "META-INF/manifest.xml" in names:
        manifest = b"".join(pieces(archive, "META-INF/manifest.xml", where))
        if b"encryption-data" in manifest:
            raise locked(where)


def ods_facts(archive: zipfile.ZipFile, where: str) -> list[tuple[str, bool, Facts]]:
    """Each sheet's name, whether it is shown, and its facts, in the order of the file."""
    scan = _OdsScan(where)
    parse(archive, CONTENT, where, scan.begin, end=scan.end, text=scan.text)
    for name, _, facts in scan.sheets:
        facts.refuse_too_many(f"{where}, {name}")
    return scan.sheets


class _OdsScan:
    def __init__(self, where: str) -> None:
        self.sheets: list[tuple[str, bool, Facts]] = []
        self._where = where
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._row = self._column = self._depth = 0
        self._rows = self._times = 1
        self._attributes: dict[str, str] = {}
        self._texts: list[str] = []
        self._in_cell = self._in_note = self._linked = False

    def begin(self, name: str, raw: dict[str, str]) -> None:
        kind = local(name)
        if kind == "style":
            self._style = {local(key): value for key, value in raw.items()}.get("name", "")
        elif kind == "table-properties":
            if {local(key): value for key, value in raw.items()}.get("display") == "false":
                self._hidden_styles.add(self._style)
        elif kind == "table" and self._depth == 0 and not self._in_cell:
            attributes = {local(key): value for key, value in raw.items()}
            self.sheets.append(
                (attributes.get("name", ""), attributes.get("style-name") not in self._hidden_styles, Facts())
            )
            self._row, self._depth = 0, 1
        elif kind == "table-row" and self._depth:
            attributes = {local(key): value for key, value in raw.items()}
            self._rows = max(1, integer(attributes.get("number-rows-repeated", "1")))
            self._column = 0
            if attributes.get("visibility") in ("collapse", "filter"):
                self.sheets[-1][2].hidden_rows += self._rows
        elif kind in ("table-cell", "covered-table-cell") and self._depth:
            self._attributes = {local(key): value for key, value in raw.items()}
            self._times = max(1, integer(self._attributes.get("number-columns-repeated", "1")))
            self._in_cell, self._linked = True, False
            self._texts.clear()
        elif kind == "a" and self._in_cell:
            self._linked = any(local(key) == "href" and value.startswith("#") for key, value in raw.items())
        elif kind == "annotation":
            self._in_note = True

    def text(self, text: str) -> None:
        if self._in_cell and not self._in_note:
            self._texts.append(text)

    def end(self, name: str) -> None:
        kind = local(name)
        if kind in ("table-cell", "covered-table-cell") and self._depth:
            self._close_cell()
            self._column += self._times
            self._in_cell = False
        elif kind == "table-row" and self._depth:
            self._row += self._rows
        elif kind == "table":
            self._depth = 0
        elif kind == "annotation":
            self._in_note = False

    def _close_cell(self) -> None:
        attributes, facts = self._attributes, self.sheets[-1][2]
        value = attributes.get("value") or attributes.get("date-value") or "".join(self._texts).strip()
        kind = attributes.get("value-type")
        place = (self._row, self._column)
        if spans := _span(attributes):
            facts.merged.append((*place, place[0] + spans[0] - 1, place[1] + spans[1] - 1))
        if not value and "formula" not in attributes:
            return
        if max(self._rows, self._times) > MOST_REPEATED:
            raise SourceChanged(
                f"{self._where}: damaged, a filled cell is repeated {max(self._rows, self._times):,} times"
            )
        facts.fill(*place, times=self._times, rows=self._rows, characters=len(value))
        if self._linked:
            facts.links.append((*place, *place))
        if "formula" in attributes and not value and kind is None and len(facts.uncached) < MOST_NAMED:
            facts.uncached.append(place)
        elif value.startswith(("#", "Err:")) and kind in ("string", "float", None) and len(facts.errors) < MOST_NAMED:
            facts.errors[place] = value
        elif kind == "percentage":
            facts.note_percent(*place, times=self._times, rows=self._rows)


def _span(attributes: dict[str, str]) -> tuple[int, int] | None:
    rows = max(1, integer(attributes.get("number-rows-spanned", "1")))
    columns = max(1, integer(attributes.get("number-columns-spanned", "1")))
    return (rows, columns) if (rows, columns) != (1, 1) else None
