"""The files that this project typed from pages, as they are read here: a line that is named can then be looked at.

What publishers give as files stays with them; of what was typed there is no other copy.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from bi.site.queries import Marts
from promise.settings import settings

FOLDER = "sources"


def write(marts: Marts, folder: Path) -> frozenset[str]:
    """Copies each into `sources/<source_id>/` of the folder; returns where, as `sources/<source_id>/<file>`.

    Only what is byte for byte what the figures of this release were read from, and no file of a source of which any
    figure is suppressed, by whomever and since whenever: the file may still say it.
    """
    withheld = marts.conn.execute(
        "select distinct source_id from marts.fct_observation_vintage where conf_status <> 'free'"
    )
    silent = {source_id for (source_id,) in withheld}
    typed = {
        (row.source_id, row.file_name, row.snapshot_id)
        for row in marts.provenance
        if row.source_kind == "transcription" and row.source_id not in silent
    }
    copied = set()
    for source_id, name, snapshot_id in sorted(typed):
        path = settings().bundle / source_id / name
        if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == snapshot_id:
            place = f"{FOLDER}/{source_id}/{name}"
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, folder / place)
            copied.add(place)
    return frozenset(copied)
