"""What a person reads: each difference with its file, key, values and page, and what no program can decide."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from promise.catalogue.framework_model import Framework
from promise.catalogue.framework_statements import VisionStatement
from promise.catalogue.sources import Source
from workbench.propose.figures import ENTRY, Figure, Kind
from workbench.propose.state import State, below

Values = Mapping[str, tuple[str | None, str]]
KINDS: tuple[Kind, ...] = ("revised", "new", "no longer printed", "written otherwise")
AFTERWARDS = """\
## Afterwards

1. Nothing has been changed so far. Write into the files what you find right. Put into quotes what YAML would not read
   as text, such as a page's `null` or a date; a sign that does not print is shown as its escape, for double quotes.
2. `pytest tests/unit`: the catalogue says what does not fit, and where.
3. `promise framework propose` again: it says what still differs.
"""
EDITION = """\
An ingest loads these figures as a publication of its own. For an installation without a network they can be carried
along: the landed file {file}, to the letter, beside {entry}, with an entry under `bundle` there that says `held_since`
{day}, and as publication what the page says of when it was published, with a `rank` above the others of its series. May
it be carried, by the licence that stands there? Then `python -m workbench.pages`.
"""


@dataclass(frozen=True)
class Change:
    """Something that a person may change in a file: each key with its value there and the one that it would have."""

    file: str
    what: str
    page: str
    values: Values
    decide: str = ""  # what a person should look at, beyond whether it is right


@dataclass(frozen=True)
class Question:
    """Something that no program can decide. `asks` is Markdown."""

    page: str
    asks: str


@dataclass
class Review:
    """One state of the dashboard beside one checkout. The comparisons read it and write what they find into it."""

    root: Path
    state: State
    framework: Framework
    source: Source
    changes: list[Change] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    # What the pages have that we had not, each with the page: what may fill a gap.
    new_words: dict[str, str] = field(default_factory=dict)  # outcomes whose text was not known
    new_outcomes: dict[str, str] = field(default_factory=dict)  # statements with an outcome more
    new_indicators: dict[str, str] = field(default_factory=dict)  # outcomes with an indicator more
    first_figures: dict[str, str] = field(default_factory=dict)  # indicators that had none on the dashboard

    @property
    def differs(self) -> bool:
        return bool(self.changes or self.questions or self.figures)

    @property
    def name(self) -> str:
        """The same for the same state, on whatever day it is looked at."""
        return f"{self.state.taken_on.isoformat()}_{self.state.words.snapshot_id[:12]}"

    def ask(self, page: str, asks: str) -> None:
        self.questions.append(Question(page, asks))

    def url(self, place: str) -> str:
        """The address of a page, also of one that no other page leads to."""
        page = self.state.pages.get(place)
        return page.url if page else f"{self.state.address.rstrip('/')}/{place}"

    def file_of(self, statement: VisionStatement) -> str:
        """The file of a vision statement, as the checkout names it."""
        folder = self.root / "framework" / "vision_statements"
        names = sorted(path.name for path in folder.glob(f"{statement.id}*.yml"))
        return f"framework/vision_statements/{names[0]}"

    def ours(self, address: str | None) -> str:
        """An address of `framework/` below the dashboard's own page; empty for one that is not there."""
        return below(address or "", self.source.landing_page)

    def text(self) -> str:
        """The page, in Markdown. What stands on the dashboard's pages is quoted as code: nothing in it is markup."""
        return "\n".join([*self._head(), *self._changes(), *self._questions(), *self._figures(), AFTERWARDS])

    def _head(self) -> Iterator[str]:
        state = self.state
        words, figures = code(state.words.snapshot_id[:12]), code(state.figures.snapshot_id[:12])
        yield "# What the dashboard says that framework/ does not\n"
        yield f"State of {address(state.address)}, taken on {state.taken_on.isoformat()}: {len(state.pages)} pages."
        yield f"Words {words}, figures {figures}, as landed.\n"
        yield "Everything between the signs of code is quoted from a page or from our files, to the letter.\n"

    def _changes(self) -> Iterator[str]:
        yield f"## Changes ({len(self.changes)})\n"
        number = 0
        for file in dict.fromkeys(each.file for each in self.changes):
            yield f"### {code(file)}\n"
            for each in (each for each in self.changes if each.file == file):
                number += 1
                yield f"{number}. **{each.what}**"
                yield f"    * page: {address(each.page)}"
                for key, (before, after) in each.values.items():
                    yield f"    * `{key}`: {'nothing' if before is None else code(before)} → {code(after)}"
                if each.decide:
                    yield f"    * to decide: {each.decide}"
            yield ""
        yield "" if self.changes else "None.\n"

    def _questions(self) -> Iterator[str]:
        yield f"## Questions that no program can decide ({len(self.questions)})\n"
        for number, each in enumerate(self.questions, start=1):
            yield f"{number}. {address(each.page)}\n    {each.asks}"
        yield "" if self.questions else "None.\n"

    def _figures(self) -> Iterator[str]:
        yield f"## Figures that are not as in the bundle ({len(self.figures)})\n"
        for kind in KINDS:
            yield f"* {kind}: {sum(each.kind == kind for each in self.figures)}"
        yield ""
        for each in sorted(self.figures, key=lambda each: KINDS.index(each.kind)):
            before = f"{code(each.before)} before, " if each.before else ""
            after = code(each.after) if each.after else "nothing"
            yield (
                f"* {each.kind}: {code(each.label)}, {code(each.heading)}, {code(each.period)}: {before}{after} now, "
                f"{address(each.page)}"
            )
        if self.figures:
            file, day = code(self.state.figures.snapshot_id), self.state.taken_on.isoformat()
            yield "\n" + EDITION.format(file=file, entry=code(ENTRY), day=day)


def new_entry(values: Mapping[str, str]) -> Values:
    """The keys of an entry that is not there yet."""
    return {key: (None, value) for key, value in values.items()}


def address(url: str) -> str:
    """A link where it is one to the letter; else its words."""
    return f"<{url}>" if re.fullmatch(r"https?://[^\s<>`\\]+", url) else code(url)


def code(text: str) -> str:
    """A page's words in Markdown, where nothing in them is markup."""
    shown = "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)
    fence = "`" * (max((len(run) for run in re.findall(r"`+", shown)), default=0) + 1)
    space = " " if shown[:1] in ("`", " ", "") or shown[-1:] in ("`", " ") else ""
    return f"{fence}{space}{shown}{space}{fence}"
