"""Files of formats that are known and not read: named for what they are, with what a person can do."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest

from workbench.peek import look

SDMX = '<?xml version="1.0"?>\n<m:Data xmlns:m="http://www.sdmx.org/resources/v2_1">\n<Obs T="2020" V="1"/></m:Data>'
EXCEL_2003 = '<?xml version="1.0"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Row/></Workbook>'
TURTLE = "@prefix qb: <http://purl.org/linked-data/cube#> .\n\n<http://a/1> a qb:Observation ;\n  qb:value 1, 2 .\n"
FILES: dict[str, tuple[bytes | str, str]] = {
    "Parquet": (b"PAR1" + bytes(100), "a Parquet file"),
    "Feather": (b"ARROW1\0\0" + bytes(100), "a Feather (Arrow) file"),
    "R, gzipped": (gzip.compress(b"X\n\0\0\0\3" + bytes(50)), "an R data file (.rds)"),
    "SPSS": (b"$FL2@(#) SPSS DATA FILE" + bytes(50), "an SPSS file"),
    "Stata": (b"<stata_dta><header>" + bytes(50), "a Stata file"),
    "SAS": ("HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!000000\n" * 3, "a SAS transport file"),
    "Access": (b"\0\1\0\0Standard ACE DB\0" + bytes(50), "an Access database (.accdb)"),
    "SQLite": (b"SQLite format 3\0" + bytes(50), "an SQLite database"),
    "tar": (b"a.csv" + bytes(252) + b"ustar\00000" + bytes(200), "a tar archive"),
    "SDMX": (SDMX, "an SDMX file in XML"),
    "Excel 2003": (EXCEL_2003, "a workbook of Excel 2003 in XML"),
    "KML": ('<kml xmlns="http://www.opengis.net/kml/2.2"><Document/></kml>', "an XML file"),
    "Turtle": (TURTLE, "linked data (Turtle)"),
    "N-Triples": ('<http://a/1> <http://b/c> "1" .\n<http://a/2> <http://b/c> "2" .\n', "linked data (N-Triples)"),
    "JSON lines": ('{"area":"Fife","number":1}\n{"area":"Moray","number":2}\n', "a file of JSON lines"),
    "RTF": (r"{\rtf1\ansi Number, 5\par}", "an RTF document"),
    "PC-Axis": ('CHARSET="ANSI";\nMATRIX="x";\nVALUES("area")="Fife","Moray";\nDATA=\n1 2;\n', "a PC-Axis file"),
    "SQL": ("INSERT INTO t (a, b) VALUES ('Fife', 1);\nINSERT INTO t (a, b) VALUES ('Moray', 2);\n", "an SQL script"),
    "Markdown": ("| Area | Number |\n|---|---|\n| Fife | 1 |\n", "a Markdown document"),
    "LaTeX": ("\\documentclass{article}\n\\begin{tabular}{ll} Fife & 1 \\end{tabular}\n", "a LaTeX document"),
    "calendar": ("BEGIN:VCALENDAR\nVERSION:2.0\nSUMMARY:x, y\nEND:VCALENDAR\n", "a calendar or a contact card"),
    "web archive": ("MIME-Version: 1.0\nContent-Type: text/html\n\n<table>, 5</table>\n", "a saved web page or e-mail"),
}  # fmt: skip
ZIPS: dict[str, tuple[dict[str, str], str]] = {
    "Word": ({"[Content_Types].xml": "", "word/document.xml": ""}, "a Word document (.docx)"),
    "PowerPoint": ({"ppt/presentation.xml": ""}, "a PowerPoint presentation (.pptx)"),
    "Numbers": ({"Index/Document.iwa": ""}, "a workbook of Apple Numbers"),
    "text of OpenDocument": (
        {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>"}, "an OpenDocument text",
    ),
}  # fmt: skip


def refusal(path: Path) -> str:
    peek = look(path)
    assert (peek.verdict, peek.exit_code, peek.tables) == ("not understood", 1, ())
    assert "Fetch it again" not in peek.message
    return peek.message


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_named_for_what_it_is_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    content, known = FILES[name]
    path = tmp_path / "download.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert f"download.csv is {known}, which is known here and not read. " in refusal(path)


@pytest.mark.parametrize("name", ZIPS)
def test_a_zip_file_is_named_for_its_parts(tmp_path: Path, name: str) -> None:
    parts, known = ZIPS[name]
    path = tmp_path / "download.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for part, text in parts.items():
            archive.writestr(part, text)
    assert f"download.xlsx is {known}, which is known here and not read. " in refusal(path)


def test_an_old_letter_is_named_for_what_it_is(tmp_path: Path) -> None:
    old = bytearray((Path(__file__).parents[2] / "fixtures" / "readers" / "old_workbook.xls").read_bytes())
    place = old.index("Workbook".encode("utf-16-le"))
    old[place : place + 24] = "WordDocument".encode("utf-16-le")
    old[place + 64 : place + 66] = (26).to_bytes(2, "little")
    path = tmp_path / "letter.xls"
    path.write_bytes(bytes(old))
    assert "an old Word document (.doc)" in refusal(path)


@pytest.mark.parametrize(
    "text", ["<5,Fife\n6,Moray\n", "Area,Number\n{a},5\n", "From,To\n1,2\n", "|Area|Number|\n|Fife|1|\n"]
)
def test_a_table_that_only_begins_like_one_of_them_is_read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text)
    assert look(path).shape == "delimited"
