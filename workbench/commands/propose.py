"""`promise framework propose`: what the dashboard says that `framework/` does not, as a page for people to review."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

from ingestion.connectors.dashboard_pages import beside
from ingestion.landing import shown_last
from promise.catalogue.framework import framework
from promise.catalogue.sources import Source
from promise.errors import PromiseError
from promise.settings import ROOT, settings
from promise.strict import load_yaml
from workbench.propose import figures, indicators, places, wording
from workbench.propose.review import Review
from workbench.propose.state import SOURCE, State, landed

REVIEW = "REVIEW.md"


def compare(state: State, root: Path = ROOT) -> Review:
    """Compare a landed state with the checkout below `root`, and change nothing.

    Raises CatalogueError when `framework/` is not as it should be: an earlier review may not be finished.
    """
    ours = framework(
        root / "framework", root / "ingestion" / "sources", root / "dbt" / "models" / "marts" / "indicators"
    )
    source = load_yaml(root / figures.ENTRY, Source)
    review = Review(root=root, state=state, framework=ours, source=source)
    bundled = figures.bundled(root, source)
    found = places.find(review, bundled)
    indicators.known(review, found, bundled)
    indicators.new(review, found)
    wording.statements(review, found)
    wording.outcomes(review, found)
    wording.filled(review)
    wording.missing(review, found)
    wording.gone(review)
    review.figures += figures.differences(state, bundled)
    return review


def propose(snapshot: str | None = None, out: Path | None = None, root: Path = ROOT) -> tuple[Review, Path | None]:
    """Write a review into a folder, and return it with its path; None where nothing differs.

    What is there already is not written again. No other review is replaced: without `out` a further folder is made
    beside it, with `out` PromiseError is raised.
    """
    review = compare(landed(snapshot), root)
    if not review.differs:
        return review, None
    content = review.text().encode("utf-8")
    page = next(each for each in _pages(out, review.name) if not each.exists() or each.read_bytes() == content)
    if not page.exists():
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_bytes(content)
    return review, page


def to_review() -> str | None:
    """A sentence for whoever looks at the installation, when the state that came live last differs from framework/."""
    if not shown_last(beside(SOURCE)):
        return None
    try:
        review = compare(landed())
    except PromiseError as error:
        return f"the dashboard's landed pages cannot be compared with framework/: {error}"
    if not review.differs:
        return None
    return (
        f"the dashboard, as taken on {review.state.taken_on.isoformat()}, differs from framework/ and the bundle "
        f"({_counted(review)}): `promise framework propose` writes it down for review"
    )


def show(snapshot: str | None, out: Path | None) -> None:
    """Do it, and tell a person where it is."""
    import click

    review, page = propose(snapshot, out)
    if page is None:
        day = review.state.taken_on.isoformat()
        click.echo(f"nothing differs from the dashboard as taken on {day}; nothing was written")
        return
    click.echo(f"{page}: {_counted(review)}")


def _counted(review: Review) -> str:
    return f"changes: {len(review.changes)}, questions: {len(review.questions)}, figures: {len(review.figures)}"


def _pages(out: Path | None, name: str) -> Iterator[Path]:
    """Where a review may go, one after the other, until one is free or holds the same."""
    if out is None:
        yield settings().home / "proposals" / name / REVIEW
        yield from (settings().home / "proposals" / f"{name}_{number}" / REVIEW for number in itertools.count(2))
        return
    yield out / REVIEW
    raise PromiseError(f"{out / REVIEW} holds something else; it was not replaced. Name another folder with --out")
