"""Any file as its tables: sniffed, then read by the reader of its shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ingestion.errors import SourceChanged
from ingestion.readers import ckan, json_cube, json_records, ons
from ingestion.readers import statistics_gov_scot as sgs
from ingestion.readers.data_cart import read_cart
from ingestion.readers.sheet_tables import find_tables
from ingestion.readers.sniff import NO_TABLE, Sniffed, sniff
from ingestion.readers.tables import Finding, Note, Table
from ingestion.readers.text import TextFacts, examine
from ingestion.readers.text_tables import read_text
from ingestion.readers.workbook import read_workbook


@dataclass(frozen=True)
class Opened:
    """What a file holds. `sheets` are a workbook's, with whether each is shown and how many tables it has."""

    sniffed: Sniffed
    tables: tuple[Table, ...]
    notes: tuple[Note, ...] = ()
    findings: tuple[Finding, ...] = ()
    text: TextFacts | None = None
    sheets: tuple[tuple[str, bool, int], ...] = ()


def open_tables(path: Path, where: str, found: Sniffed | None = None) -> Opened:
    """Sniff and read. Raises SourceChanged for what is damaged, locked or no table."""
    found = found or sniff(path, where)
    if found.known:
        raise found.known.refusal(where)
    if found.shape in NO_TABLE:
        raise SourceChanged(f"{where}: {found.why[0]}; expected a table. Look at the publisher's page for the file")
    if found.shape == "workbook":
        return _workbook(path, where, found)
    if found.content is not None:
        tables: Sequence[Table]
        match found.shape:
            case "statxplore":
                tables = json_cube.statxplore(found.content, where)
            case "jsonstat":
                tables = [json_cube.jsonstat(found.content, where)]
            case "geojson":
                tables = [json_records.features(found.content, path.name, where)]
            case "ckan_json":
                tables = [ckan.read_answer(found.content, path.name, where)]
            case "sparql_json":
                tables = [sgs.query_json(found.content, path.name, where)]
            case "json_records":
                tables = json_records.lists_of_objects(found.content, path.name)
            case _:
                tables = [json_records.document(found.content, path.name)]
        return Opened(found, tuple(tables))
    return _text(path, where, found)


def _text(path: Path, where: str, found: Sniffed) -> Opened:
    facts = found.text or examine(path, where)
    match found.shape:
        case "slice_csv":
            return Opened(found, (sgs.read_slice(path, where),), text=facts)
        case "cube_csv":
            return Opened(found, (sgs.read_cube(path, where),), text=facts)
        case "sparql_csv":
            return Opened(found, (sgs.read_query(path, where),), text=facts)
        case "data_cart":
            return Opened(found, (read_cart(path, where),), text=facts)
        case "ons_csv":
            return Opened(found, (ons.read_observations(path, where),), text=facts)
        case _:
            read = read_text(path, where)
            return Opened(found, read.tables, read.notes, text=facts)


def _workbook(path: Path, where: str, found: Sniffed) -> Opened:
    tables: list[Table] = []
    notes: list[Note] = []
    findings: list[Finding] = []
    sheets = []
    for sheet in read_workbook(path, where):
        here, lines = find_tables(sheet.grid)
        sheets.append((sheet.name, sheet.visible, len(here)))
        tables += here
        notes += lines
        if not here:
            findings += sheet.findings
        if not sheet.facts.complete and not findings:
            findings.append(Finding("notice", "formulas of an old .xls file are not looked at"))
    return Opened(found, tuple(tables), tuple(notes), tuple(findings), sheets=tuple(sheets))
