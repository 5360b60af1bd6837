"""All data of a release in one file, which is the same to the byte whenever it is made of the same release."""

from __future__ import annotations

import zipfile
from pathlib import Path

FILE_NAME = "promise-data.zip"
FIRST = (1980, 1, 1, 0, 0, 0)  # the earliest time that the format has: of when it was made there is nothing in it


def write(folder: Path) -> Path:
    """Pack what lies in the folder into `promise-data.zip` in it. JSON beside a CSV file says the same once more, and
    stays out."""
    made = folder / FILE_NAME
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path in sorted(each for each in folder.rglob("*") if each.is_file() and each != made):
            if path.suffix == ".json" and path.with_suffix(".csv").exists():
                continue
            entry = zipfile.ZipInfo(str(path.relative_to(folder)), FIRST)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    return made
