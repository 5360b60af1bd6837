"""`promise framework propose`: what the dashboard says that `framework/` does not, as a patch and a page to review."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ingestion.connectors.dashboard_pages import beside
from ingestion.landing import shown_last
from promise.errors import PromiseError
from promise.settings import ROOT, settings
from workbench.propose.compare import Proposal, compare
from workbench.propose.review import PATCH
from workbench.propose.state import SOURCE, landed

REVIEW = "REVIEW.md"


def propose(snapshot: str | None = None, out: Path | None = None, root: Path = ROOT) -> tuple[Proposal, Path | None]:
    """Write a proposal into a folder, and return it with the folder; None where nothing differs.

    What is there already is not written again. No other proposal is replaced: without `out` a further folder is made
    beside it, with `out` PromiseError is raised.
    """
    made = compare(landed(snapshot), root)
    if not made.differs:
        return made, None
    files = {REVIEW: made.review} | ({PATCH: made.patch} if made.patch else {})
    folder = next(each for each in _folders(out, made.name) if _content(each) in ({}, files))
    if _content(folder) == files:
        return made, folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    half = Path(tempfile.mkdtemp(prefix=".half-", dir=folder.parent))
    try:
        for name, text in files.items():
            (half / name).write_bytes(text.encode("utf-8"))
        half.chmod(0o755)
        half.rename(folder)
    finally:
        shutil.rmtree(half, ignore_errors=True)
    return made, folder


def to_review() -> str | None:
    """A sentence for whoever looks at the installation, when the state that came live last differs from framework/."""
    if not shown_last(beside(SOURCE)):
        return None
    try:
        made = compare(landed())
    except PromiseError as error:
        return f"the dashboard's landed pages cannot be compared with framework/: {error}"
    if not made.differs:
        return None
    return (
        f"the dashboard, as taken on {made.state.taken_on.isoformat()}, differs from framework/ and the bundle "
        f"({_counted(made)}): `promise framework propose` writes it down for review"
    )


def show(snapshot: str | None, out: Path | None) -> None:
    """Do it, and tell a person where it is and what comes next."""
    import click

    made, folder = propose(snapshot, out)
    if folder is None:
        click.echo(
            f"nothing differs from the dashboard as taken on {made.state.taken_on.isoformat()}; nothing was written"
        )
        return
    click.echo(f"{folder}: {_counted(made)}")
    click.echo(f"  1. Read {folder / REVIEW}.")
    if made.patch:
        click.echo(f"  2. From the checkout: git apply {folder / PATCH}")


def _counted(made: Proposal) -> str:
    return f"changes: {made.changes}, questions: {made.questions}, figures: {made.figures}"


def _folders(out: Path | None, name: str) -> Iterator[Path]:
    """Where a proposal may go, one after the other, until one is free or holds the same."""
    if out is None:
        yield settings().home / "proposals" / name
        yield from (settings().home / "proposals" / f"{name}_{number}" for number in itertools.count(2))
        return
    yield out
    raise PromiseError(f"{out} holds something else; it was not replaced. Name another folder with --out")


def _content(folder: Path) -> dict[str, str]:
    """The texts in a folder; nothing where there is none, or nothing in it."""
    if not folder.exists():
        return {}
    return {path.name: path.read_bytes().decode("utf-8", errors="replace") for path in sorted(folder.iterdir())}
