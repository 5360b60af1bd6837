"""The staff build: the public site's pages with the signals of each council beside them (docs/signals.md).

It reads `restricted` as well, signed in as promise_staff, and is written into a folder of its own. Nothing of it is in
PAGES, from which the public site, the downloads and dbt's exposures are made.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple

from bi.site import rows
from bi.site.queries import Marts, Query

OVERVIEW = ("signals/index.html", "Signals")


class Signal(NamedTuple):
    """A signal of the latest period of its measure."""

    area_code: str
    signal_rule_id: str
    rule_title: str
    author: str
    measure_id: str
    indicator_id: str
    period_label: str
    sentence: str


class BackTest(NamedTuple):
    """How often a rule's signals were followed by a worse figure, all measures together."""

    signal_rule_id: str
    horizon: int
    flags: int
    followed_by_worse: int
    false_alarms: int
    share_worse: Decimal | None
    not_flagged: int
    base_rate: Decimal | None


class StaffMarts(Marts):
    """What everybody reads, and what is for staff alone."""

    signals = Query(
        Signal,
        "restricted.fct_signal where is_latest"
        " order by area_code, signal_rule_id, indicator_id, measure_id, period_start",
    )
    back_test = Query(
        BackTest, "restricted.fct_signal_backtest where measure_id = 'all' order by signal_rule_id, horizon"
    )


class Rule(NamedTuple):
    """What a rule says of one council."""

    title: str
    author: str
    signals: list[Signal]


class Council(NamedTuple):
    """A council with its signals, by rule."""

    council: rows.Council
    rules: list[Rule]

    @property
    def found(self) -> int:
        return sum(len(rule.signals) for rule in self.rules)


def pages(marts: StaffMarts) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Template, path and content of the overview and of one page for each council."""
    councils = [
        Council(
            council,
            [
                Rule(title, author, [*signals])
                for (title, author), signals in groupby(
                    (each for each in marts.signals if each.area_code == council.area_code),
                    key=lambda each: (each.rule_title, each.author),
                )
            ],
        )
        for council in marts.councils
    ]
    shared = {"back_test": marts.back_test}
    yield "signals.html.j2", OVERVIEW[0], {"councils": councils, **shared}
    for each in councils:
        yield "signals-of-council.html.j2", f"signals/{each.council.area_code}.html", {"page": each, **shared}
