"""What `look` says about a file, as plain data for a person or a program."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Role = Literal["area", "period", "figures", "measure", "series", "address", "qualifier", "words", "empty"]


@dataclass(frozen=True)
class Seen:
    """A text that occurs: how often, where first, and what it is taken for."""

    text: str
    times: int
    first: str
    meaning: str = ""


@dataclass(frozen=True)
class ColumnPeek:
    """A column: its heading as printed and taken apart, what it holds, and what of it is not understood."""

    heading: str
    published: tuple[str, ...]
    marks: tuple[str, ...]
    address: str
    role: Role
    filled: int
    blank: int
    heading_period: str = ""  # a period that stands in the heading, and its readings
    heading_words: str = ""
    may_be_personal: bool = False
    not_recognised: tuple[Seen, ...] = ()


@dataclass(frozen=True)
class RowPeek:
    number: int
    texts: tuple[str, ...]
    addresses: tuple[str, ...]
    section: str | None
    parent: str | None = None


@dataclass(frozen=True)
class TablePeek:
    """A table: where it stands, what is written around it, what its cells hold."""

    name: str
    place: str
    hidden: bool
    titles: tuple[str, ...]
    notes: tuple[str, ...]
    context: tuple[tuple[str, str], ...]
    rows: int
    columns: tuple[ColumnPeek, ...]
    label_columns: int
    tidy: bool
    judged_rows: int  # counts below are of these rows
    first_rows: tuple[RowPeek, ...]
    figures: int
    blanks: int
    markers: tuple[Seen, ...]
    periods: tuple[Seen, ...]
    areas: tuple[Seen, ...]
    area_summary: tuple[str, ...]
    measures: tuple[Seen, ...]
    not_recognised: tuple[Seen, ...]
    findings: tuple[str, ...]
    faults: tuple[str, ...]
    number: int = 0  # its place among the tables of the file, from 1: what `--table` takes
    doubts: tuple[str, ...] = ()  # why it is not read as a person sees it; no source can be made of it


@dataclass(frozen=True)
class Peek:
    """A look at a file.

    `understood` is false when it holds no table that could be read, a fault inside one, or one that is in doubt. With
    doubts alone it is understood `partly`: the other tables are what they seem.
    """

    file: str
    understood: bool
    shape: str
    why: tuple[str, ...]
    candidates: tuple[str, ...] = ()
    size_bytes: int = 0
    encoding: str = ""
    encoding_evidence: tuple[str, ...] = ()
    sheets: tuple[tuple[str, bool, int], ...] = ()  # name, shown, tables
    tables: tuple[TablePeek, ...] = ()
    notes: tuple[str, ...] = ()  # words on a sheet without a table
    findings: tuple[str, ...] = ()
    message: str = ""  # what is wrong and what to do, when it is not understood
    personal: tuple[str, ...] = ()  # where something may be about a person: kind and length, no text
    partly: bool = False

    @property
    def verdict(self) -> str:
        if self.understood:
            return "understood"
        return "partly understood" if self.partly else "not understood"

    @property
    def exit_code(self) -> int:
        return 0 if self.understood else 1

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


@dataclass
class Tally:
    """The distinct texts of a column while it is read: how often and where first.

    Bounded; what did not fit is counted.
    """

    most: int = 20_000
    times: dict[str, int] = field(default_factory=dict)
    first: dict[str, tuple[int, int]] = field(default_factory=dict)
    blank: int = 0
    beyond: int = 0

    def add(self, text: str, row: int, position: int) -> None:
        bare = text.strip()
        if not bare:
            self.blank += 1
        elif bare in self.times:
            self.times[bare] += 1
        elif len(self.times) < self.most:
            self.times[bare] = 1
            self.first[bare] = (row, position)
        else:
            self.beyond += 1

    @property
    def filled(self) -> int:
        return sum(self.times.values()) + self.beyond
