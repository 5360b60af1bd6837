"""Formats that are known by sight and not read: each with its name, how it is told, and what a person can do.

A file of one of them is whole and is what its publisher made. To ask for it again, or to show the rows that a comma in
it would cut, would send people the wrong way.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from ingestion.errors import SourceChanged

CONVERT = "Save it as CSV with a program that reads it, or ask the publisher for CSV or a workbook"
DOCUMENT = "Ask the publisher for its figures as CSV or as a workbook"
UNPACK = "Unpack it first"


@dataclass(frozen=True)
class Format:
    """A format by its name, with its article."""

    name: str
    remedy: str = CONVERT

    def refusal(self, where: str) -> SourceChanged:
        return SourceChanged(f"{where} is {self.name}, which is known here and not read. {self.remedy}")


BY_FIRST_BYTES: tuple[tuple[bytes, Format], ...] = (
    (b"\x89PNG", Format("a PNG picture", DOCUMENT)),
    (b"\xff\xd8\xff", Format("a JPEG picture", DOCUMENT)),
    (b"GIF8", Format("a GIF picture", DOCUMENT)),
    (b"{\\rtf", Format("an RTF document", DOCUMENT)),
    (b"%!PS", Format("a PostScript document", DOCUMENT)),
    (b"BZh", Format("a bzip2 archive", UNPACK)),
    (b"\xfd7zXZ", Format("an xz archive", UNPACK)),
    (b"7z\xbc\xaf", Format("a 7-zip archive", UNPACK)),
    (b"Rar!", Format("a RAR archive", UNPACK)),
    (b"\x28\xb5\x2f\xfd", Format("a zstd archive", UNPACK)),
    (b"\x7fELF", Format("a program", DOCUMENT)),
    (b"PAR1", Format("a Parquet file")),
    (b"ARROW1", Format("a Feather (Arrow) file")),
    (b"Obj\x01", Format("an Avro file")),
    (b"SQLite format 3", Format("an SQLite database")),
    (b"\x00\x01\x00\x00Standard Jet DB", Format("an Access database (.mdb)")),
    (b"\x00\x01\x00\x00Standard ACE DB", Format("an Access database (.accdb)")),
    (b"RDX", Format("an R data file")),
    (b"RDA", Format("an R data file")),
    (b"X\n\x00\x00\x00", Format("an R data file (.rds)")),
    (b"$FL2", Format("an SPSS file")),
    (b"$FL3", Format("an SPSS file")),
    (b"<stata_dta>", Format("a Stata file")),
    (b"HEADER RECORD*******LIB", Format("a SAS transport file")),
    (b"\x00" * 12 + b"\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92\x08\x00", Format("a SAS data file")),
    (b"\x00\x00\x27\x0a", Format("a shapefile")),
    (b"\x89HDF", Format("an HDF5 file")),
    (b"\x93NUMPY", Format("a NumPy file")),
)
TAR = (257, b"ustar", Format("a tar archive", UNPACK))
BY_BEGINNING: tuple[tuple[re.Pattern[bytes], Format], ...] = tuple(
    (re.compile(rb"\s*(?:" + pattern + rb")", re.IGNORECASE | re.DOTALL), known)
    for pattern, known in (
        (
            rb"<.{0,2000}urn:schemas-microsoft-com:office:spreadsheet",
            Format("a workbook of Excel 2003 in XML", CONVERT),
        ),
        (rb"<.{0,2000}\bsdmx\b", Format("an SDMX file in XML")),
        (rb"<.{0,2000}<?rdf:RDF\b", Format("linked data (RDF/XML)")),
        (rb"<(?:\?xml|[a-z_][\w.-]*:[a-z]|(?:feed|kml|gpx|svg|gml)\b)", Format("an XML file")),
        (rb"@prefix\s|@base\s|PREFIX\s+\w*:\s*<", Format("linked data (Turtle)")),
        (rb"<https?://[^>\s]*>\s+<https?://[^>\s]*>\s", Format("linked data (N-Triples)")),
        (rb"\{[^\n]*\}\r?\n\{", Format("a file of JSON lines")),
        (rb"MIME-Version:|From: [^\n]*\nTo: ", Format("a saved web page or e-mail", DOCUMENT)),
        (rb"\\documentclass|\\begin\{", Format("a LaTeX document", DOCUMENT)),
        (rb"\|[^\n]*\|\s*\n\|[ :|-]+\|\s*\n", Format("a Markdown document", DOCUMENT)),
        (rb"(?:--[^\n]*\n\s*)*(?:INSERT INTO|CREATE TABLE)\s", Format("an SQL script")),
        (rb"(?:CHARSET|AXIS-VERSION)=\"", Format("a PC-Axis file")),
        (rb"BEGIN:V(?:CALENDAR|CARD)", Format("a calendar or a contact card", DOCUMENT)),
    )
)
# By a part that stands in a zip file, or the beginning of its path.
BY_PART: tuple[tuple[str, Format], ...] = (
    ("word/", Format("a Word document (.docx)", DOCUMENT)),
    ("ppt/", Format("a PowerPoint presentation (.pptx)", DOCUMENT)),
    ("xl/workbook.bin", Format("a binary workbook (.xlsb)", "Ask for .xlsx, .ods or .xls")),
    ("Index/", Format("a workbook of Apple Numbers")),
)
BY_STREAM: dict[str, Format] = {
    "WordDocument": Format("an old Word document (.doc)", DOCUMENT),
    "PowerPoint Document": Format("an old PowerPoint presentation (.ppt)", DOCUMENT),
    "__properties_version1.0": Format("an Outlook message (.msg)", DOCUMENT),
}
OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
SHEETS = ("spreadsheet", "spreadsheet-template")


def by_beginning(head: bytes) -> Format | None:
    """What a file's first bytes, unpacked, give away."""
    for magic, known in BY_FIRST_BYTES:
        if head.startswith(magic):
            return known
    place, magic, tar = TAR
    if head[place : place + len(magic)] == magic:
        return tar
    text = head.removeprefix(b"\xef\xbb\xbf")[:65536]
    return next((known for pattern, known in BY_BEGINNING if pattern.match(text)), None)


def by_parts(names: Collection[str], mimetype: str) -> Format | None:
    """What the parts of a zip file give away; `mimetype` is what OpenDocument files say of themselves."""
    kind = mimetype.removeprefix(OPEN_DOCUMENT).strip()
    if mimetype.startswith(OPEN_DOCUMENT) and kind not in SHEETS:
        return Format(f"an OpenDocument {kind}", DOCUMENT)
    return next((known for part, known in BY_PART if any(name.startswith(part) for name in names)), None)
