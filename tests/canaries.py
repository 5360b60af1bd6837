"""Synthetic people, whom nobody could take for real, and who are found wherever anything of them ends up.

Each kind of thing that tells who somebody is, once as it is and once as it stands in a cell where it is known for one.
"""

from __future__ import annotations

import gzip
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

from openpyxl import Workbook


@dataclass(frozen=True)
class Canary:
    """One thing about a synthetic person. Its text is in nothing that ships."""

    kind: str
    text: str
    in_a_cell: str


def chi(first_nine: str) -> str:
    """A CHI number: the digits of a day of birth, three more, and the digit that modulus 11 asks for."""
    check = 11 - sum(int(digit) * weight for digit, weight in zip(first_nine, range(10, 1, -1), strict=True)) % 11
    assert check != 10, "no number has this beginning"
    return f"{first_nine}{check % 11}"


def _canary(kind: str, text: str, in_a_cell: str = "{}") -> Canary:
    return Canary(kind, text, in_a_cell.format(text))


CANARIES = (
    _canary("name", "Zzyzx Canaryperson", "Child: {}"),
    _canary("chi", chi("311299913")),
    _canary("postcode", "ZE99 9ZZ"),
    _canary("e-mail", "zzyzx@canary.example"),
    _canary("phone", "01632 960983"),
    _canary("date of birth", "17/11/2099", "Date of birth: {}"),
    _canary("candidate number", "098765431", "SCN {}"),
)
TEXTS = tuple(each.text for each in CANARIES)
# Of whom no rule can know: a name alone, as councils and schools are written.
UNKNOWN = Canary("a name alone", "Qqvist Wwoodbird", "Qqvist Wwoodbird")


def csv(cell: str) -> bytes:
    return f"year,value\n2023,17\n2024,{cell}\n".encode()


def workbook(cell: str) -> bytes:
    book = Workbook()
    book.active.append(["year", "value"])
    book.active.append(["2024", cell])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def zipped(cell: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("figures.csv", csv(cell))
    return out.getvalue()


def page(cell: str) -> bytes:
    import html

    return f"<p>{html.escape(cell)}</p>".encode()


FILES = {"csv": csv, "csv.gz": lambda cell: gzip.compress(csv(cell)), "zip": zipped, "xlsx": workbook, "html": page}


def plant(folder: Path, cell: str) -> list[Path]:
    """A file of every kind with the cell in it."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for suffix, make in FILES.items():
        path = folder / f"figures.{suffix}"
        path.write_bytes(make(cell))
        paths.append(path)
    return paths
