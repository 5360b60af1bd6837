"""What was found in a file, and what of it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from promise.catalogue.sources import Source
from promise.vocabulary.personal import Found, find_personal, is_the_publishers, names_personal_values, personal_under


@dataclass(frozen=True)
class Hit:
    """A value that may be about a person, and where it stands."""

    found: Found
    place: str  # "line 12:Heading", "Sheet!B7", "result.records[3].key"
    heading: str | None = None
    around: bool = False  # outside the table: on a cover sheet, in a note
    beside: str = ""  # what else stands in its row, for judging it. Never for showing

    def is_permitted(self, source: Source | None) -> bool:
        """Whether it is the publisher's own, or of a column that its source says is about no person."""
        hosts = [urlsplit(source.landing_page).hostname or ""] if source else []
        if self.around and is_the_publishers(self.found, self.beside, hosts):
            return True
        if source is None or self.heading is None:
            return False
        column = source.table.column_of(self.heading) or source.table.column_of("@text")
        return any((each.kind, each.column) == (self.found.kind, column) for each in source.not_personal)


@dataclass
class Rows:
    """Rows of cells, judged one after another: headings and labels tell what stands under and beside them."""

    header: Sequence[str] | None = None  # one heading a cell, where the file says so
    notes: bool = True  # whether a row of one or two cells may stand around a table

    def __post_init__(self) -> None:
        self._above: dict[int, str] = {}  # column -> the heading last seen that tells what is below
        self._tells: dict[str, bool] = {}

    def by_headings(self, cells: Sequence[str]) -> Iterator[tuple[int, Found]]:
        """What a heading above tells. Rows come in their order."""
        for place, cell in enumerate(cells):
            if not cell:
                continue
            if self._is_telling(cell):
                self._above[place] = cell
            elif place in self._above and (found := personal_under(self._above[place], cell)):
                yield place, found

    def by_itself(self, cells: Sequence[str]) -> Iterator[tuple[int, Found]]:
        """What a cell tells itself, or the label left of it with its colon."""
        for place, cell in enumerate(cells):
            for found in find_personal(cell):
                yield place, found
            if cell.endswith(":") and place + 1 < len(cells):
                follows = cells[place + 1].strip()
                if found_beside := personal_under(cell, follows):
                    yield place + 1, found_beside
                for found in find_personal(f"{cell} {follows}"):
                    if found.text == follows:
                        yield place + 1, found

    def hit(self, cells: Sequence[str], place: int, found: Found, address: str) -> Hit:
        heading = self.header[place] if self.header and len(self.header) == len(cells) else self._above.get(place)
        filled = [cell for cell in cells if cell.strip()]
        return Hit(found, address, heading, self.notes and len(filled) <= 2, " ".join(filled))

    def _is_telling(self, cell: str) -> bool:
        if len(cell) > 100:
            return False
        if cell not in self._tells:
            if len(self._tells) > 10_000:
                self._tells.clear()
            self._tells[cell] = names_personal_values(cell)
        return self._tells[cell]


def standing(hits: Iterable[Hit], source: Source | None) -> Hit | None:
    """The first that is nobody's but a person's."""
    return next((hit for hit in hits if not hit.is_permitted(source)), None)
