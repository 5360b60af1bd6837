"""Tables of counts that come unsuppressed: what is withheld of them, or rounded, before anybody sees them.

**Suppression.** 1. *Primary*: a count under the threshold (default 5) is withheld. A zero is shown by default, and
then stays shown: it says that there is nobody; `are_zeros_shown=False` withholds it like any small count. 2. Every
parent of a hierarchy is the sum of its children, for each combination of the other dimensions; what is known besides
(a rate times its denominator, the table's earlier vintage, the same children by another geography) comes as further
cells and equations. 3. *Secondary*: `protect` withholds more, with the count as its cost, until `attack` finds
nothing, and shows again what need not have been withheld. An outsider is taken to know the rule, and which kind each
withheld count is.

**Rounding** is the alternative: each innermost count goes to the nearest multiple of the base (default 5; of two as
near, the even multiple), and every total is the sum of its rounded parts. So the table stays additive, an error in a
total is up to half the base for each of its parts, and no total says more than its parts do.

Sources of the ideas: Hundepool et al., *Statistical Disclosure Control* (Wiley, 2012, doi:10.1002/9781118348239), on
primary and secondary suppression; Fischetti and Salazar-González, "Solving the cell suppression problem on tabular data
with linear constraints", Management Science 47(7), 2001, 1008-1026 (doi:10.1287/mnsc.47.7.1008.9805), on choosing what
to withhold by linear programs. Theirs finds the cheapest pattern; ours a minimal one.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from promise.disclosure.model import Cell, Equation
from promise.disclosure.protect import protect
from promise.errors import PromiseError

THRESHOLD = 5
BASE = 5

# Of each dimension (a column): each member's parent, None for what is part of nothing.
Dimensions = Mapping[str, Mapping[Hashable, Hashable | None]]
Key = tuple[Hashable, ...]


@dataclass(frozen=True)
class Known:
    """What others know besides the table, and what no choice of ours can withhold.

    A number of the table is named by the tuple of its members, in the dimensions' order. A rate published beside its
    count, which goes when the count goes, is an equation that is `shown_with` it.
    """

    cells: Sequence[Cell] = ()
    equations: Sequence[Equation] = ()


def suppress(
    table: pd.DataFrame,
    dimensions: Dimensions,
    value: str,
    *,
    threshold: int = THRESHOLD,
    are_zeros_shown: bool = True,
    known: Known | None = None,
) -> pd.DataFrame:
    """The table with `status` and `reason` beside each count, which is empty where it is withheld.

    CannotProtect: what is known besides gives a withheld count away whatever else is withheld.
    """
    known = known or Known()
    counts = _counts(table, dimensions, value)
    primary = {key for key, count in counts.items() if count < threshold and not (count == 0 and are_zeros_shown)}
    small = (1 if are_zeros_shown else 0, threshold - 1)
    cells = [
        Cell(key, count, False, *small)
        if key in primary
        else Cell(key, count, True, min(count, threshold), math.inf, cost=count or None)
        for key, count in counts.items()
    ]
    equations = [*sums(list(counts), dimensions), *known.equations]
    secondary = set(protect([*cells, *(replace(cell, cost=None) for cell in known.cells)], equations))
    result = table.copy()
    keys = _keys(table, dimensions)
    result["status"] = [_status(key, primary, secondary) for key in keys]
    result["reason"] = result["status"].map(
        {
            "shown": "",
            "suppressed_primary": f"a count under {threshold}",
            "suppressed_secondary": "a withheld count could be worked out from it",
        }
    )
    result[value] = result[value].where(result["status"] == "shown").astype("Float64")
    return result


def _status(key: Key, primary: set[Key], secondary: set[Hashable]) -> str:
    if key in primary:
        return "suppressed_primary"
    return "suppressed_secondary" if key in secondary else "shown"


def rounded(table: pd.DataFrame, dimensions: Dimensions, value: str, base: int = BASE) -> pd.DataFrame:
    """The table with every innermost count rounded and every total their sum; `status` and `reason` say so."""
    counts = _counts(table, dimensions, value)
    leaves = {name: _leaves(parents) for name, parents in dimensions.items()}
    result = table.copy()
    numbers = []
    for key in counts:
        parts = list(itertools.product(*(leaves[name][m] for name, m in zip(dimensions, key, strict=True))))
        missing = [part for part in parts if part not in counts]
        if missing:
            raise PromiseError(f"{key} is a total, and its part {missing[0]} is not in the table; give all parts")
        numbers.append(sum(base * round(counts[part] / base) for part in parts))
    result[value] = numbers
    result["status"] = "rounded"
    result["reason"] = f"to the nearest {base}, and totals are sums of what is rounded"
    return result


def sums(keys: Sequence[Key], dimensions: Dimensions) -> Iterator[Equation]:
    """Each total of the table is its parts, wherever the table has the total and all of the parts."""
    present = set(keys)
    for position, (name, parents) in enumerate(dimensions.items()):
        children: dict[Hashable, list[Hashable]] = {}
        for member, parent in parents.items():
            if parent is not None:
                children.setdefault(parent, []).append(member)
        for key in keys:
            parts = [(*key[:position], child, *key[position + 1 :]) for child in children.get(key[position], [])]
            if parts and present.issuperset(parts):
                terms: dict[Hashable, float] = {**dict.fromkeys(parts, 1.0), key: -1.0}
                yield Equation(f"{', '.join(map(str, key))}: the total by {name}", terms, 0, 0)


def _leaves(parents: Mapping[Hashable, Hashable | None]) -> dict[Hashable, list[Hashable]]:
    """The innermost members that each member is made of; itself where it has no parts."""
    inner = [member for member in parents if member not in set(parents.values())]
    made_of: dict[Hashable, list[Hashable]] = {member: [] for member in parents}
    for leaf in inner:
        member: Hashable | None = leaf
        while member is not None:
            made_of[member].append(leaf)
            member = parents[member]
    return made_of


def _keys(table: pd.DataFrame, dimensions: Dimensions) -> list[Key]:
    return list(table[list(dimensions)].itertuples(index=False, name=None))


def _counts(table: pd.DataFrame, dimensions: Dimensions, value: str) -> dict[Key, float]:
    """The counts by their members; a table that is not one of counts is refused."""
    counts = dict(zip(_keys(table, dimensions), table[value].astype(float).tolist(), strict=True))
    if len(counts) < len(table):
        raise PromiseError(f"The table has two counts for the same {', '.join(dimensions)}; give one row for each")
    for key, count in counts.items():
        if not (count >= 0 and count == int(count)):
            raise PromiseError(f"{key}: {value} is not a whole number of people; a table of counts is needed")
        for (name, parents), member in zip(dimensions.items(), key, strict=True):
            if member not in parents:
                raise PromiseError(f"{key}: {name} has no such member in its hierarchy; add it there")
    return counts
