"""docs/signals.md: the rules by which a council's figures are worth a conversation, and how each did on earlier years.

The rules are made of framework/signals.yml. The figures of the back-test come out of a built warehouse: a test holds
them against the one that is built of the bundle, and says the table as it should be.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from promise.catalogue.framework import framework
from promise.settings import ROOT

PAGE = ROOT / "docs" / "signals.md"
BEGIN = "<!-- Made of framework/signals.yml by `python -m workbench.pages`; do not edit. -->\n"
FIGURES = "<!-- Made of restricted.fct_signal_backtest by tests/integration/test_signals.py; do not edit. -->\n"
END = "<!-- Here that ends. -->\n"
QUERY = (
    "select signal_rule_id, horizon, flags, followed_by_worse, share_worse, share_worse_lci_95, share_worse_uci_95,"
    " not_flagged, base_rate from restricted.fct_signal_backtest where measure_id = 'all' order by 1, 2"
)


class Tested(NamedTuple):
    """How a rule did, by `QUERY`; shares are null where it flagged nothing."""

    rule: str
    horizon: int
    flags: int
    worse: int
    share: float | None
    low: float | None
    high: float | None
    not_flagged: int
    base: float | None


def rules() -> str:
    """One paragraph for each rule, in the order of the file."""
    found = []
    for each in framework().signals:
        asked = {
            "worsening": f"since the {each.since} figure",
            "outside_family": f"limits of {(each.confidence or 0) * 100:g} per cent",
            "lost_quartile": f"{each.quartiles} or more of the four",
            "return_missing": f"{each.councils} councils or more have the figure",
        }[each.kind]
        found.append(
            f"* **{each.title}** (`{each.id}`; {asked}). {' '.join(each.reason.split())} Author: {each.author}.\n"
        )
    return "".join(found)


def figures(rows: Sequence[Tested]) -> str:
    """The table of the back-test, all measures together."""
    lines = [
        "| rule | figure after | signals | followed by a worse one | 95 % interval | false alarms | not flagged"
        " | of them worse |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        interval = "" if row.low is None or row.high is None else f"{row.low:.0%} to {row.high:.0%}"
        share = "none yet" if row.share is None else f"{row.worse} ({row.share:.0%})"
        base = "" if row.base is None else f"{row.base:.0%}"
        after = {1: "the next", 2: "the one after"}[row.horizon]
        lines.append(
            f"| `{row.rule}` | {after} | {row.flags} | {share} | {interval} | {row.flags - row.worse}"
            f" | {row.not_flagged} | {base} |"
        )
    return "\n".join(lines) + "\n"


def between(text: str, begin: str) -> str:
    """What stands in the page from that mark to the next end."""
    return text.partition(begin)[2].partition(END)[0]


def replaced(text: str, begin: str, content: str) -> str:
    """The page with other content there."""
    before, _, rest = text.partition(begin)
    return f"{before}{begin}\n{content}\n{END}{rest.partition(END)[2]}"


def text() -> str:
    """The whole page, with the rules as they should be."""
    return replaced(PAGE.read_text(encoding="utf-8"), BEGIN, rules())


def write() -> bool:
    """Write the page when it differs from what it should be; returns whether it did."""
    content = text()
    if PAGE.read_text(encoding="utf-8") == content:
        return False
    PAGE.write_text(content, encoding="utf-8")
    return True
