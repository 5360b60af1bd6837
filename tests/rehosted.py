"""The catalogue of sources as it ships, with publishers on loopback: nothing but where they are is another."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from fault_cases import LIMITS
from stand_ins.publisher import Publisher

from promise.catalogue.sources import ENTRY, FOLDER

# Makes a publisher show what an entry's `live:` section asks for, and gives the path of the entry's address.
Speak = Callable[[Publisher, dict[str, Any]], str]


class Catalogue:
    """A copy of ingestion/sources/, for PROMISE_SOURCES."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(FOLDER, folder)

    def change(self, source_id: str, change: Callable[[dict[str, Any]], None]) -> None:
        """Let an entry say something else."""
        path = self.folder / source_id / ENTRY
        entry = yaml.safe_load(path.read_text())
        change(entry)
        path.write_text(yaml.safe_dump(entry, sort_keys=False))

    def host(self, source_id: str, publisher: Publisher, speak: Speak) -> None:
        """Let a source be asked at this publisher."""

        def here(entry: dict[str, Any]) -> None:
            address = publisher.url(speak(publisher, entry["live"]))
            entry["live"] |= {"address": address, "hosts": [publisher.host], "limits": LIMITS}

        self.change(source_id, here)
