"""What every comparison needs and writes to: the state, what we hold, the draft, the words for whoever reviews it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from promise.catalogue.framework_model import Framework
from promise.catalogue.framework_statements import VisionStatement
from promise.catalogue.sources import Source
from workbench.propose.draft import Draft
from workbench.propose.state import State, below


@dataclass(frozen=True)
class Change:
    """Something that the patch changes."""

    file: str
    what: str
    page: str
    before: str | None
    after: str | None
    decide: str = ""  # what a person should look at, beyond whether it is right


@dataclass(frozen=True)
class Question:
    """Something that no program can decide; the patch leaves it as it is. `asks` is Markdown."""

    page: str
    asks: str


@dataclass
class Desk:
    """One comparison."""

    root: Path
    state: State
    framework: Framework
    source: Source
    draft: Draft
    changes: list[Change] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    # What the pages have that we had not, each with the page: what may fill a gap.
    new_words: dict[str, str] = field(default_factory=dict)  # outcomes whose text was not known
    new_outcomes: dict[str, str] = field(default_factory=dict)  # statements with an outcome more
    new_indicators: dict[str, str] = field(default_factory=dict)  # outcomes with an indicator more
    first_figures: dict[str, str] = field(default_factory=dict)  # indicators that had none on the dashboard

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


def code(text: str) -> str:
    """A page's words in Markdown, where nothing in them is markup."""
    shown = "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)
    fence = "`" * (max((len(run) for run in re.findall(r"`+", shown)), default=0) + 1)
    space = " " if shown[:1] in ("`", " ", "") or shown[-1:] in ("`", " ") else ""
    return f"{fence}{space}{shown}{space}{fence}"
