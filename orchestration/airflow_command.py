"""Airflow's own command, which seldom looks for garbage in what it has imported: a sixth of what a component computes
until it is there. Workers are forks of the scheduler, tasks of workers, and do the same."""

from __future__ import annotations

import gc


def main() -> None:
    """As `airflow`, with the arguments of this process."""
    gc.set_threshold(50_000, 20, 50)
    from airflow.__main__ import main as airflow

    airflow()


if __name__ == "__main__":
    main()
