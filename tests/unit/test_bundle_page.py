"""The page about the bundle is what the files and the catalogue say, and the bundle stays small."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from promise.catalogue.sources import ENTRY, sources
from workbench.pages import bundle_page


def test_the_page_is_up_to_date() -> None:
    assert bundle_page.PAGE.read_text(encoding="utf-8") == bundle_page.text(), "run: python -m workbench.pages"


def test_every_source_of_the_bundle_is_on_the_page_with_its_licence_and_the_words_to_quote() -> None:
    page = bundle_page.text()
    bundled = [source for source in sources().values() if source.bundle]
    assert len(bundled) == page.count("\n## ") > 20
    for source in bundled:
        assert f"\n## {source.id}: " in page
        assert " ".join(source.licence.attribution.split()) in page
        assert source.licence.name in page


def test_the_bundle_is_under_fifteen_megabytes() -> None:
    assert sum(path.stat().st_size for path in bundle_page.BUNDLE.rglob("*") if path.is_file()) < 15_000_000


def test_a_catalogue_that_is_refused_is_told_in_its_own_words(tmp_path: Path) -> None:
    entry = tmp_path / "unfinished" / ENTRY
    entry.parent.mkdir()
    entry.write_text("id: unfinished\n")
    done = subprocess.run(
        [sys.executable, "-m", "workbench.pages"],
        env=os.environ | {"PROMISE_SOURCES": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("promise: ") and "unfinished" in done.stderr and "Traceback" not in done.stderr
