"""A state of the dashboard as it was landed: the words of its pages, and the figures that they show."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit

from ingestion.connectors import dashboard_pages
from ingestion.connectors.dashboard_pages import PageWords
from ingestion.landing import Snapshot, read_sidecar, shown_last
from promise.errors import PromiseError

SOURCE = "promise_dashboard"


@dataclass(frozen=True)
class State:
    """One look at the whole dashboard. Pages and rows are found by their address below the dashboard's own."""

    words: Snapshot
    figures: Snapshot
    address: str
    pages: dict[str, PageWords]  # the dashboard's own page stands under the empty text
    rows: dict[str, list[dict[str, str]]]

    @property
    def taken_on(self) -> date:
        return datetime.fromisoformat(self.words.retrieved_at).date()

    def level(self, level: int) -> Iterator[tuple[str, PageWords]]:
        """The pages of a level, in the order of their addresses."""
        yield from ((place, page) for place, page in sorted(self.pages.items()) if page.level == level)


def below(address: str, base: str) -> str:
    """An address below the dashboard's, without host and slashes around; empty for any other."""
    path, root = urlsplit(address), urlsplit(base)
    inside = path.netloc == root.netloc and path.path.startswith(f"{root.path.rstrip('/')}/")
    return path.path.removeprefix(root.path.rstrip("/")).strip("/") if inside else ""


def landed(snapshot: str | None = None) -> State:
    """The state that came live last, or the one whose id begins so. Raises PromiseError when there is none."""
    states = shown_last(dashboard_pages.beside(SOURCE))
    if not states:
        raise PromiseError(
            "no state of the dashboard that came live is landed; describe `live:` in "
            f"ingestion/sources/{SOURCE}/source.yml and let the ingest run with PROMISE_MODE=live"
        )
    for words in states:
        address, figures, pages = dashboard_pages.read(words.content.read_bytes())
        if snapshot is None or words.snapshot_id.startswith(snapshot) or figures.startswith(snapshot):
            return _state(words, address, figures, pages)
    raise PromiseError(
        f"no landed state of the dashboard begins with {snapshot!r}; landed, the last at the front: "
        + ", ".join(each.snapshot_id[:12] for each in states)
    )


def _state(words: Snapshot, address: str, figures: str, pages: tuple[PageWords, ...]) -> State:
    sidecar = read_sidecar(SOURCE, figures)
    rows: dict[str, list[dict[str, str]]] = {}
    with sidecar.content.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            rows.setdefault(below(row["page_url"], address), []).append(row)
    found = {
        below(each.url, address): each for each in pages if each.level or each.url.rstrip("/") == address.rstrip("/")
    }
    return State(words, sidecar, address, found, rows)
