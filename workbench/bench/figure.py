"""One measurement of `promise bench`, how much it is made of and how it is timed."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from workbench.bench.synthetic import SHAPES, Shape


@dataclass(frozen=True)
class Sizes:
    """How much is measured. What is wanted of a figure is wanted at these; tests run every part with less."""

    rounds: int = 3
    text_megabytes: float = 20  # of the file that is loaded
    sources: int = 60
    parsed_sources: int = 200  # of which Airflow reads the DAGs
    publishers: int = 12  # "a dozen publishers", each with an address of its own, so that each has its own polite rate
    download_megabytes: int = 200
    # 990,000 figures, and a tenth of them published twice.
    measures: int = 50
    areas: int = 33
    periods: int = 20
    parts: int = 30
    # 1,000,000 rows of a file.
    councils: int = 32
    headings: int = 31_250
    # Releases, and who reads meanwhile.
    mart_rows: int = 1_000_000
    small_marts: int = 30
    releases: int = 50
    reshaped: int = 10
    readers: int = 8
    longest: float = 2.0  # seconds of a reader's transaction
    attacked: int = 1_000_000  # figures in which somebody looks for what is withheld
    protected: int = 10_000  # figures of which a quarter is withheld, and more has to be
    judged: int = 1_000_000  # points that each method is asked about
    datasets: int = 5_000  # of the Data Map, among which pairs are looked for
    site_indicators: int = 200  # of the site, beside those that there are
    site_years: int = 20  # of each, for Scotland and every council
    whole_runs: bool = True  # each takes a minute or two, whatever else is small
    built: tuple[Shape, ...] = (SHAPES[100_000], SHAPES[1_000_000])  # the editions of which a warehouse is built


@dataclass(frozen=True)
class Figure:
    """One measurement: ours, the limit where there is one, and their ratio (1 is as good as the limit).

    Raises ValueError for one that has no limit and whose note does not say what is `wanted: `.
    """

    name: str
    ours: float
    limit: float | None
    unit: str
    note: str

    def __post_init__(self) -> None:
        if self.limit is None and "wanted: " not in self.note:
            raise ValueError(f"{self.name}: nothing says how good it could or should be")

    @property
    def ratio(self) -> float | None:
        return self.limit / self.ours if self.limit is not None else None


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def median(work: Callable[[], object], rounds: int) -> float:
    """Seconds, after one round for the caches: people ask more than once."""
    work()
    return statistics.median(timed(work) for _ in range(rounds))
