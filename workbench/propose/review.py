"""What a person reads beside the patch: each change with its page, what stood there before, what is to be decided."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbench.propose.desk import Change, Desk, code
from workbench.propose.figures import Figure, Kind

PATCH = "framework.patch"
KINDS: tuple[Kind, ...] = ("revised", "new", "no longer printed", "written otherwise")
AFTERWARDS = """\
## Afterwards

1. From the checkout: `git apply {patch}`, or a part of it after an edit. Nothing has been changed so far.
2. Answer what stands behind `WRITE: `; the catalogue refuses the files until then, and names each.
3. `python -m workbench.pages.bundle_page`, if the bundle has an edition more; then `pytest tests/unit`.
4. `promise framework propose` again: it says what still differs.
"""


def text(desk: Desk, figures: list[Figure]) -> str:
    """The page, in Markdown. What stands on the dashboard's pages is quoted as code: nothing in it is markup here."""
    return "\n".join([
        *_head(desk),
        *_changes(desk.changes),
        *_questions(desk),
        *_figures(figures),
        AFTERWARDS.format(patch=PATCH),
    ])  # fmt: skip


def address(url: str) -> str:
    """A link where it is one to the letter; else its words."""
    return f"<{url}>" if re.fullmatch(r"https?://[^\s<>`\\]+", url) else code(url)


def _head(desk: Desk) -> Iterator[str]:
    state = desk.state
    yield "# What the dashboard says that framework/ does not\n"
    yield f"State of {address(state.address)}, taken on {state.taken_on.isoformat()}: {len(state.pages)} pages."
    yield f"Words {code(state.words.snapshot_id[:12])}, figures {code(state.figures.snapshot_id[:12])}, as landed.\n"
    yield "Everything between the signs of code is quoted from a page or from our files, to the letter.\n"


def _changes(changes: list[Change]) -> Iterator[str]:
    yield f"## Changes in the patch ({len(changes)})\n"
    if not changes:
        yield "None. There is no patch.\n"
    number = 0
    for file in dict.fromkeys(each.file for each in changes):
        yield f"### {code(file)}\n"
        for each in (each for each in changes if each.file == file):
            number += 1
            yield f"{number}. **{each.what}**"
            yield f"   * page: {address(each.page)}"
            yield f"   * before: {_value(each.before)}"
            yield f"   * after: {_value(each.after)}"
            if each.decide:
                yield f"   * to decide: {each.decide}"
        yield ""


def _value(value: str | None) -> str:
    return "nothing" if value is None else code(" ".join(value.split()))


def _questions(desk: Desk) -> Iterator[str]:
    yield f"## Questions that no program can decide ({len(desk.questions)})\n"
    for number, each in enumerate(desk.questions, start=1):
        yield f"{number}. {address(each.page)}\n   {each.asks}"
    yield "" if desk.questions else "None.\n"


def _figures(figures: list[Figure]) -> Iterator[str]:
    yield f"## Figures that are not as in the bundle ({len(figures)})\n"
    for kind in KINDS:
        of_kind = [each for each in figures if each.kind == kind]
        yield f"* {kind}: {len(of_kind)}"
    yield ""
    for kind in KINDS:
        for each in (each for each in figures if each.kind == kind):
            before = f"{code(each.before)} before, " if each.before else ""
            after = code(each.after) if each.after else "nothing"
            yield (
                f"* {kind}: {code(each.label)}, {code(each.heading)}, {code(each.period)}: {before}{after} now, "
                f"{address(each.page)}"
            )
    yield ""
