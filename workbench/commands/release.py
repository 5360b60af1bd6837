"""`promise release …`: what readers see, what they could see again, and what changed between the two."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import groupby

from rich.console import Console
from rich.table import Table

from orchestration import names, platform
from promise import database
from promise.errors import PromiseError
from warehouse import releases
from warehouse.changes import Change
from workbench.commands.status import open_database


def show_releases(as_json: bool = False) -> None:
    """Print every release, newest first."""
    with open_database() as conn:
        found = releases.listing(conn)
    if as_json:
        print(json.dumps([asdict(release) for release in found], indent=2, default=str))  # noqa: T201
        return
    table = Table("release", "state", "run", "made", "reason", title="Releases", title_justify="left")
    for release in found:
        state = release.state if release.is_kept or release.state == "dropped" else f"{release.state}, not kept"
        table.add_row(
            str(release.release_id),
            f"{state}, holds" if release.holds else state,
            str(release.run_id),
            f"{release.created_at:%d %b %Y %H:%M}",
            release.reason or "",
        )
    Console(emoji=False).print(table)


def show_release(number: int) -> None:
    """Print one release and how its run's nodes and expectations went. Raises PromiseError for an unknown number."""
    with open_database() as conn:
        release = next((each for each in releases.listing(conn) if each.release_id == number), None)
        if release is None:
            raise PromiseError(f"there is no release {number}; `promise release list` shows which there are")
        nodes = conn.execute(
            "select resource_type, status, count(*), sum(seconds) from ops.dbt_result where run_id = %s group by 1, 2"
            " order by 1, 2",
            (release.run_id,),
        ).fetchall()
        checks = conn.execute(
            "select gate, severity, count(*), count(*) filter (where not success) from ops.expectation_result"
            " where run_id = %s group by 1, 2 order by 1, 2",
            (release.run_id,),
        ).fetchall()
    console = Console(emoji=False)
    console.print(
        f"Release {release.release_id} ({release.state}), made {release.created_at:%d %B %Y %H:%M} UTC"
        f" by run {release.run_id}"
    )
    table = Table("what", "result", "number", "seconds")
    for kind, status, times, seconds in nodes:
        table.add_row(f"dbt {kind}", status, str(times), f"{seconds:.1f}")
    for gate, severity, times, failed in checks:
        table.add_row(f"{gate} expectations, {severity}", f"{failed} failed", str(times), "")
    console.print(table)


def show_changes(before: int | None, now: int | None, as_json: bool = False) -> None:
    """Print what changed between two kept releases, by default from the one before to the one that readers see."""
    with open_database() as conn:
        kept = [release for release in releases.listing(conn) if release.is_kept]
        shown = next((release.release_id for release in kept if release.state == "current"), None)
        now = shown if now is None else now
        others = [release.release_id for release in kept if release.release_id != now]
        before = others[0] if before is None and others else before
        if now is None:
            raise PromiseError("nothing has been released yet: run `make run`")
        found = releases.compare(conn, before, now) if before is not None else []
    if as_json:
        print(json.dumps([asdict(change) for change in found], indent=2))  # noqa: T201
        return
    console = Console(emoji=False, soft_wrap=True, highlight=False)
    if before is None:
        console.print(f"No other release than {now} is kept, so there is nothing to compare it with.")
        return
    console.print(f"From release {before} to release {now}:")
    if not found:
        console.print("no figure and no judgement is another")
    for indicator_id, of_it in groupby(found, key=lambda change: change.indicator_id):
        console.print(f"{indicator_id}: {_counted([*of_it])}")
    for change in found:
        if change.is_flipped:
            console.print(
                f"  {change.indicator_id}, {change.measure_id}, {change.area_code}:"
                f" {change.judgement_before or 'not judged'} → {change.judgement_now or 'not judged'}"
            )


def rollback(reason: str) -> None:
    """Show the release before again, and draw the site and Metabase of it."""
    database.ensure_running()
    shown = releases.rollback(reason)
    print(  # noqa: T201
        f"readers see release {shown.release_id} again, made {shown.created_at:%d %B %Y %H:%M} UTC; that holds until"
        " `promise release allow`"
    )
    redraw()


def allow() -> None:
    """Let the next run be released."""
    database.ensure_running()
    refused = releases.allow()
    print(  # noqa: T201
        "no rollback holds: the next run is released as ever"
        if refused is None
        else f"the rollback from release {refused.release_id} holds no longer: `promise run` builds and shows another"
    )


def drop(number: int) -> None:
    """Give up a release that is kept beside the current one."""
    database.ensure_running()
    releases.drop(number)
    print(f"release {number} is no longer kept")  # noqa: T201


def redraw() -> None:
    """Draw the site and Metabase of the release that is current: by Airflow where it runs, else here."""
    if platform.is_up():
        with contextlib.closing(platform.client()) as airflow:
            airflow.trigger(names.BI, "another release is current")
        print(f"asked Airflow's {names.BI} to draw the site and Metabase of it")  # noqa: T201
        return
    for words in drawn():
        print(words)  # noqa: T201


def drawn() -> Iterator[str]:
    """Draw the site, and Metabase where it is configured, here and now; in words, what was drawn."""
    from bi.metabase import apply as metabase
    from bi.site.build import build

    built = build()
    releases.note_drawn("site", built["release_id"])
    yield f"the site is of release {built['release_id']}: {built['folder']}"
    with contextlib.suppress(metabase.NotConfigured):
        yield f"Metabase is of release {metabase.apply()['release_id']}"


def _counted(changes: Sequence[Change]) -> str:
    counts = {
        "figures added": sum(change.figures_added for change in changes),
        "gone": sum(change.figures_gone for change in changes),
        "changed": sum(change.figures_changed for change in changes),
        "judgements flipped": sum(change.is_flipped for change in changes),
    }
    return ", ".join(f"{number:,} {what}" for what, number in counts.items() if number)
