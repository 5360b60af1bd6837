"""Entries of sources that only a test has."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml

from promise.catalogue.sources import ENTRY


def write_entry(folder: Path, source_id: str, entry: Mapping[str, object]) -> Path:
    """Describe a source in a folder for PROMISE_SOURCES."""
    path = folder / source_id / ENTRY
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(entry))
    return path
