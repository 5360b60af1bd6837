"""No file is kept that may be about a person: looked at before it is landed, by headings and by values.

The rules are `ingestion/vocabulary/personal_data.yml`. A message says what kind of value it is, where, and how long:
never what it says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from ingestion.errors import PersonalData, SourceChanged
from ingestion.personal.documents import in_json, in_words_beside
from ingestion.personal.hits import Hit, standing
from ingestion.personal.returned import in_return
from ingestion.personal.texts import decoded, in_text
from ingestion.personal.workbooks import in_workbook, short_texts
from ingestion.readers import archive, reading
from ingestion.readers.headings import File
from ingestion.readers.workbook import ZIP
from ingestion.readers.workbook_xls import MAGIC
from promise.catalogue.shapes import Delimited
from promise.catalogue.sources import Source
from promise.vocabulary.personal import find_personal, may_be_personal

__all__ = ["Hit", "Unlanded", "found_in", "hits", "refuse_personal", "standing"]

HEADING = re.compile(rb"[^\x00-\x1f\",;|\[\]{}]{2,60}")  # what can stand between delimiters, quotes and brackets


class Brought(File, Protocol):
    """A file with what its publisher says of it."""

    @property
    def origin(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class Unlanded:
    """A file that is on its way, as readers ask for one."""

    content: Path
    file_name: str
    requested_url: str
    origin: Mapping[str, Any] = field(default_factory=dict)


def refuse_personal(source_id: str, file: Brought, source: Source | None) -> None:
    """Raise PersonalData for the first value, or heading, that may be about a person and that nobody declared.

    Raises SourceChanged for what cannot be looked into: locked, damaged, or made to harm. `source` is as described;
    none: nothing is declared.
    """
    source = source.as_landed(file.requested_url) if source else None
    if source is not None and _has_suspected_headings(source, file):
        _refuse_headings(source, file)
    if hit := standing(hits(source_id, file, source), source):
        raise PersonalData(
            f"{source_id}: {file.file_name}, {hit.place}: {hit.found}, where figures are expected. Nothing of the file "
            "was kept. Ask the publisher for a file without it; if this column is about no person, say so and why "
            f"under `not_personal` in ingestion/sources/{source_id}/source.yml ({hit.found.kind}; docs/sources.md, "
            "Personal data)"
        )


def found_in(source_id: str, file: Brought, source: Source | None) -> Hit | None:
    """The first value that may be about a person in a file that is here already. Raises SourceChanged as above."""
    source = source.as_landed(file.requested_url) if source else None
    return standing(hits(source_id, file, source), source)


def hits(source_id: str, file: Brought, source: Source | None) -> Iterator[Hit]:
    """Every value that a rule knows, permitted or not: of the file, of its name, of what is said beside it."""
    where = f"{source_id}: {file.file_name}"
    if source is not None and source.returns:
        yield from in_return(file.content)
        return
    for found in find_personal(file.file_name):
        yield Hit(found, "in its name")
    yield from in_words_beside(file.origin)
    with file.content.open("rb") as handle:
        first = handle.read(8)
    if first.startswith(ZIP) or first == MAGIC:
        yield from in_workbook(file.content, where)
        return
    head = next(archive.chunks(file.content, where), b"")[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head[:1] in (b"{", b"["):
        yield from in_json(file.content, where)
        return
    delimited = _delimited(source)
    yield from in_text(
        file.content, where, delimiter=delimited.delimiter if delimited else None, header_is_first=bool(delimited)
    )


def _delimited(source: Source | None) -> Delimited | None:
    shape = source.table.reader if source else None
    return shape if isinstance(shape, Delimited) else None


def _has_suspected_headings(source: Source, file: File) -> bool:
    """Whether a text that may be a heading is suspected; reading all of a file for its headings costs as its load."""
    where = f"{source.id}: {file.file_name}"
    with file.content.open("rb") as handle:
        first = handle.read(8)
    if first == MAGIC:
        return True
    if first.startswith(ZIP):
        return any(map(may_be_personal, short_texts(file.content, where)))
    head = next(archive.chunks(file.content, where), b"")
    return any(may_be_personal(decoded(each)) for each in set(HEADING.findall(head)))


def _refuse_headings(source: Source, file: File) -> None:
    """A heading that nobody described and that may be about a person. What else is wrong is said when it is loaded."""
    try:
        reading(source, file)
    except PersonalData:
        raise
    except (SourceChanged, OSError):
        return
