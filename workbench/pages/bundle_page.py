"""The page about the bundle: what each file that ships with the project is, where it is from and what it allows.

`ingestion/sources/SOURCES.md` is made of the files and of ingestion/sources/, and a test holds it to both. After a
change: `python -m workbench.pages`.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from promise.catalogue.framework import framework
from promise.catalogue.sources import Source, sources
from promise.settings import ROOT

BUNDLE = ROOT / "ingestion" / "sources"
PAGE = BUNDLE / "SOURCES.md"
HEAD = """\
# What is in the bundle, and by whose leave

Generated from `ingestion/sources/` and the files themselves by `python -m workbench.pages`; do not edit.

Published files, unchanged unless name or description says otherwise (derived, simplified, transcribed). Figures belong
to those who published them; each entry gives the licence and the words to quote. None of the files is about a person.
"""


def text() -> str:
    """The whole page. Sources stand in the order of their ids, files in that of the source."""
    described = [each for each in sources().values() if each.bundle]
    publishers = {organisation.id: organisation.name for organisation in framework().organisations}
    size = sum((BUNDLE / each.id / edition.file).stat().st_size for each in described for edition in each.bundle)
    files = sum(len(each.bundle) for each in described)
    total = f"{files} files of {len(described)} sources, {size / 1e6:.1f} MB.\n"
    return "\n".join([HEAD, total, *(_entry(each, publishers[each.publisher]) for each in described)])


def write() -> bool:
    """Write the page when it differs from what it should be; returns whether it did."""
    content = text()
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == content:
        return False
    PAGE.write_text(content, encoding="utf-8")
    return True


def _entry(source: Source, publisher: str) -> str:
    licence = f"[{source.licence.name}]({source.licence.url})" if source.licence.url else source.licence.name
    lines = [
        f"## {source.id}: {source.title}",
        "",
        " ".join(source.description.split()),
        "",
        f"* Publisher: [{publisher}]({source.landing_page})",
        f"* Licence: {licence}",
        f"* Attribution: {' '.join(source.licence.attribution.split())}",
    ]
    for edition in source.bundle:
        path = BUNDLE / source.id / edition.file
        lines += [
            f"* `{source.id}/{edition.file}`: {_size(path)}, from <{edition.origin_url}>",
            f"  SHA-256 `{hashlib.sha256(path.read_bytes()).hexdigest()}`",
        ]
    return "\n".join([*lines, ""])


def _size(path: Path) -> str:
    return f"{path.stat().st_size:,} bytes"
