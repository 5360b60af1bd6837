"""docs/benchmarks.md: what `promise bench --write` measured last, part by part, and on which machine.

The results are kept beside the bench, and a test holds the page to them.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from promise import database
from promise.settings import ROOT
from workbench.bench.figure import Figure

KEPT = ROOT / "workbench" / "bench" / "measured.json"
PAGE = ROOT / "docs" / "benchmarks.md"
HEAD = """# How fast it is

Written by `promise bench --write`, of what it measured last; do not edit. Every figure is ours beside the limit of the
same machine in the same minute, where there is one, and beside what is wanted where that is written. A ratio of 1 is as
good as the limit. Each part says when it was measured last:

```sh
promise bench --part builds --write
```
"""


@dataclass(frozen=True)
class Measured:
    """What one part of the bench gave, when, and on what."""

    on: str
    machine: str
    figures: tuple[Figure, ...]


def keep(measured: Mapping[str, Sequence[Figure]]) -> None:
    """Keep what these parts gave in place of what they gave before, and write the page."""
    machine, today = _machine(), datetime.now(UTC).date().isoformat()
    every = kept() | {part: Measured(today, machine, tuple(figures)) for part, figures in measured.items()}
    content = {part: asdict(every[part]) for part in sorted(every)}
    KEPT.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    PAGE.write_text(page(every))


def kept() -> dict[str, Measured]:
    """The last results of each part."""
    if not KEPT.exists():
        return {}
    return {
        part: Measured(each["on"], each["machine"], tuple(Figure(**figure) for figure in each["figures"]))
        for part, each in json.loads(KEPT.read_text()).items()
    }


def page(every: Mapping[str, Measured]) -> str:
    """The page of these results."""
    return HEAD + "".join(_part(part, every[part]) for part in sorted(every))


def _part(name: str, part: Measured) -> str:
    rows = "".join(
        f"| {figure.name} | {_number(figure.ours, figure.unit)} | {_number(figure.limit, figure.unit)} |"
        f" {'' if figure.ratio is None else f'{figure.ratio:.2f}'} | {figure.note} |\n"
        for figure in part.figures
    )
    return (
        f"\n## {name}\n\nOn {part.on}, on {part.machine}.\n\n"
        f"| what | ours | limit | ratio | |\n| --- | --- | --- | --- | --- |\n{rows}"
    )


def _number(value: float | None, unit: str) -> str:
    return "" if value is None else f"{value:.3g} {unit}".strip()


def _machine() -> str:
    """What the figures depend on, and nothing by which somebody could find the machine."""
    with database.connect() as conn:
        server = conn.info.server_version // 10000
    memory = psutil.virtual_memory().total / 2**30
    return f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GB, {platform.system()}, PostgreSQL {server}"


def _processor() -> str:
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        for line in listed.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
