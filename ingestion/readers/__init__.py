"""One module a file shape: bytes to rows of text, each with the address it has in the file. None of them fetches."""

from collections.abc import Iterator

from ingestion.readers import delimited, geojson
from ingestion.readers.described import Asked, address_of, read_described
from ingestion.readers.headings import File, Reading, Row
from promise.catalogue.shapes import Delimited, GeoJson
from promise.catalogue.sources import Source


def reading(source: Source, snapshot: File) -> Reading:
    """What each column of the source's table is headed by in this file, and its rows in file order.

    A row is (address, texts in the order of `table.columns`); the address is the line of a text file and the position
    of a feature. Raises SourceChanged naming the source, the file, the place, what was expected and what to do.
    """
    source = source.as_landed(snapshot.requested_url)
    shape = source.table.reader
    if isinstance(shape, Delimited):
        return delimited.reading(source, snapshot, shape)
    if isinstance(shape, GeoJson):
        return geojson.reading(source, snapshot)
    edition = source.edition(snapshot.requested_url)
    asked = Asked(source.id, snapshot.file_name, source.table.columns, edition.period if edition else None)
    return read_described(snapshot.content, asked, shape)


def place(source: Source, snapshot: File, row: int, heading: str) -> str:
    """Where the cell of a row under a heading stands in the file, as a person would look it up.

    The row's place, where the heading is none of the file's. The source is as it describes this file.
    """
    shape = source.table.reader
    if isinstance(shape, Delimited):
        return f"line {row}:{heading}"
    if isinstance(shape, GeoJson):
        return f"features[{row - 1}].{heading}"
    asked = Asked(source.id, snapshot.file_name, source.table.columns)
    return address_of(snapshot.content, asked, shape, row, heading) or f"row {row}"


def read(source: Source, snapshot: File) -> Iterator[Row]:
    """The rows alone."""
    return reading(source, snapshot).rows
