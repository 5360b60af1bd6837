"""What PostgreSQL did to make a model: the nodes of an explained plan, and which of them do not hold as figures grow.

A plan does not hold when its work grows faster than its rows: a node that goes through its input again for each row of
another, or one for which the planner expected next to nothing and so took a way that is good for next to nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

EXPLAIN = "explain (analyze, timing off, costs on, format json)"
# How often a row that is read or made may pass through one node: a node that looks through a list of the catalogue for
# each figure, or through a figure's editions, does so some dozen times; one of two that grow together, thousands.
TIMES = 50
# How often a row may be joined by one part of a key in vain, for it differs in another.
VAIN = 20
# How many times as many rows as expected may come out of a node before a join in a loop. The planner takes conditions
# for independent that are not, and is wrong by the product of them.
WRONG = 100
SMALL = 1_000  # rows: going through so few is no work, however often expected


@dataclass(frozen=True)
class Node:
    """A node of a plan."""

    kind: str
    on: str  # the relation or the common table expression that it reads, if it reads one
    is_relation: bool
    loops: int
    expected: float  # rows, of one loop
    rows: float
    removed: float  # that it looked at and did not give

    @property
    def passed(self) -> float:
        """Rows that passed through it in all."""
        return self.loops * (self.rows + self.removed)


def nodes(plan: Mapping[str, Any]) -> Iterator[tuple[Node, list[Node]]]:
    """Each node of a plan, with those that it joins or passes on."""
    below = plan.get("Plans", [])
    yield _node(plan), [_node(each) for each in below if each["Parent Relationship"] in ("Outer", "Inner")]
    for each in below:
        yield from nodes(each)


def faults(plan: Mapping[str, Any]) -> list[str]:
    """Where the plan does not hold, in words."""
    rows = _read(plan) + _made(plan)
    limit = TIMES * max(rows, SMALL)
    found = []
    for node, inputs in nodes(plan):
        where = f"{node.kind}{f' on {node.on}' if node.on else ''}"
        if node.passed > limit:
            found.append(
                f"{where}: {node.passed:,.0f} rows pass through it, in {node.loops:,} loops, of {rows:,.0f} rows in all"
            )
        if node.loops > limit:
            found.append(f"{where}: {node.loops:,} loops for {rows:,.0f} rows")
        if node.kind in ("Hash Join", "Merge Join") and node.removed > VAIN * max(rows, SMALL):
            found.append(f"{where}: by a part of the key, after which {node.removed:,.0f} rows go")
        if node.kind == "Nested Loop":
            outer, inner = inputs
            is_looked_through = inner.rows + inner.removed > TIMES
            if is_looked_through and outer.rows > SMALL and outer.rows > WRONG * outer.expected:
                found.append(
                    f"{where}: a loop for each of {outer.rows:,.0f} rows, of which {outer.expected:,.0f} were expected"
                )
    return found


def _read(plan: Mapping[str, Any]) -> float:
    """How many rows there are in what the plan reads, each relation counted once."""
    largest: dict[str, float] = {}
    for node, _ in nodes(plan):
        if node.is_relation:
            largest[node.on] = max(largest.get(node.on, 0), node.rows + node.removed)
    return sum(largest.values())


def _made(plan: Mapping[str, Any]) -> float:
    """How many rows the query gives: below what writes them, where something does."""
    return next(node.rows for node, _ in nodes(plan) if node.kind != "ModifyTable")


def _node(plan: Mapping[str, Any]) -> Node:
    return Node(
        kind=plan["Node Type"],
        on=plan.get("Relation Name") or plan.get("CTE Name") or "",
        is_relation="Relation Name" in plan and plan["Node Type"] != "ModifyTable",
        loops=plan["Actual Loops"],
        expected=plan["Plan Rows"],
        rows=plan["Actual Rows"],
        removed=sum(count for name, count in plan.items() if name.startswith("Rows Removed by")),
    )
