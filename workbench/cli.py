"""The `promise` command: thin doors to the rooms. Heavy imports happen behind the door that needs them."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import click

PASSED_ON = {"ignore_unknown_options": True, "allow_interspersed_args": False}  # to a tool that has options of its own


class Group(click.Group):
    """Errors are told to people in sentences, whatever was typed; the exit code is 1."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().main(*args, **kwargs)
        except Exception as error:
            from workbench.troubles import in_words

            click.secho(f"promise: {in_words(error)}", err=True, fg="red")
            sys.exit(1)


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="promise-data-warehouse")
def main() -> None:
    """Scotland's promise to its care experienced children, as data.

    `promise run` lands, builds, checks and releases everything; `promise status` says where things stand.
    """


@main.command()
def run() -> None:
    """Let Airflow land, build, check and release everything, and build the site."""
    from workbench.commands.run import run as run_all

    sys.exit(run_all())


@main.command()
def up() -> None:
    """Run, then keep Airflow, the site and the database running; prints their addresses."""
    from workbench.commands.run import up as keep_up

    sys.exit(keep_up())


@main.command()
def down() -> None:
    """Stop Airflow, the site and the embedded database."""
    from workbench.commands.run import down as stop_all

    sys.exit(stop_all())


@main.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def plan(as_json: bool) -> None:
    """Say what `promise run` would do now, and why. Changes nothing."""
    from workbench.commands import status as words

    words.show_plan(as_json)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def status(as_json: bool) -> None:
    """Say where things stand: each source, the last warehouse run, the release that readers see."""
    from workbench.commands import status as words

    words.show_status(as_json)


@main.command()
def checks() -> None:
    """Write the page of the checks over time: what was checked, when, on how many rows, with what result."""
    from expectations import page
    from promise import database

    database.ensure_running()
    click.echo(page.write())


@main.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def calendar(as_json: bool) -> None:
    """Say of each source when it last gave something new, when the next is expected, and whether it is late."""
    from workbench.commands import calendar as words

    words.show(as_json)


@main.command("check-live")
@click.argument("source_ids", metavar="[SOURCE ...]", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def check_live(source_ids: tuple[str, ...], as_json: bool) -> None:
    """Ask every live address, politely, whether it still holds; lands nothing.

    Exit code 1: a person must look. 3: somebody could not be asked now, such as without a network.
    """
    from workbench.commands import check_live as words

    sys.exit(words.show(source_ids, as_json))


@main.command()
@click.argument("what", metavar="INDICATOR_OR_MEASURE")
@click.option("--area", help="A code or a name; Scotland when left out.")
@click.option("--period", help="As shown or as published, such as 2023/24; the latest when left out.")
@click.option("--breakdown", default="total", show_default=True, help="A part such as school_sector=secondary.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def explain(what: str, area: str | None, period: str | None, breakdown: str, as_json: bool) -> None:
    """Lead a figure back to the cell of the published file, and read that cell again."""
    from workbench.commands import explain as words

    sys.exit(words.show(what, area, period, breakdown, as_json))


@main.command()
@click.argument("vintages", metavar="[VINTAGE VINTAGE]", nargs=-1, type=int)
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Compare what is believed now with what was then.")
@click.option("--limit", default=20, show_default=True, help="How many changes to list; all are counted.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def diff(vintages: tuple[int, ...], since: datetime | None, limit: int, as_json: bool) -> None:
    """Say what changed between two landed files, or since a day, and which judgements come out otherwise."""
    from workbench.commands import diff as words

    before, after = vintages if len(vintages) == 2 else (vintages[0] if vintages else None, None)
    words.show(before, after, since.date() if since else None, limit, as_json)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def verify(as_json: bool) -> None:
    """Hash every landed file again and compare it with the ledger; names those that are missing or altered."""
    from workbench.commands import verify as words

    sys.exit(words.show(as_json))


@main.command()
def rebuild() -> None:
    """Make everything afresh from the landed files and the ledger: raw, staging, intermediate, one release."""
    from workbench.commands import verify as words

    words.rebuild()


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write the landed files and the database to one file."""
    from workbench.commands import backup as words

    made = words.backup(file)
    click.echo(f"{file}: {made['vintages']} vintages, release {made['release_id']}, {file.stat().st_size:,} bytes")


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@click.option("--replace", is_flag=True, help="Also when this warehouse holds something; it is lost.")
def restore(file: Path, replace: bool) -> None:
    """Put landed files and database back as a backup has them.

    This runs the SQL that is in FILE, as the owner of the database: restore only a file that you trust.
    """
    from workbench.commands import backup as words

    click.echo(f"this runs the SQL that is in {file}, as the owner of the database: only for a file that you trust")
    made = words.restore(file, replace)
    click.echo(f"restored {made['vintages']} vintages and release {made['release_id']} of {made['made_at']}")


@main.command()
@click.argument("file")
@click.option("--rows", default=5, show_default=True, type=click.IntRange(0, 1000), help="How many rows to show.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def peek(file: str, rows: int, as_json: bool) -> None:
    """Show how a published file would be read, and what in it is not recognised."""
    from pathlib import Path

    from rich.console import Console

    from workbench.peek import look, render

    seen = look(Path(file), rows)
    if as_json:
        click.echo(json.dumps(seen.as_dict(), ensure_ascii=False, indent=2))
    else:
        render(seen, Console())
    sys.exit(seen.exit_code)


@main.group()
def new() -> None:
    """Begin something that people describe: the files for it, with what nobody can guess left open."""


@new.command("source")
@click.argument("source_id", metavar="ID")
@click.option("--file", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The published file.")
@click.option("--table", type=click.IntRange(1), help="Which of several tables, as `promise peek` lists them.")
@click.option(
    "--layout", type=click.Choice(["wide", "long"]), help="Long: one row a cell. Seen from the file if left out."
)
def new_source(source_id: str, file: Path, table: int | None, layout: Literal["wide", "long"] | None) -> None:
    """Describe a published file as a new source, as far as the file tells."""
    from workbench.scaffolds import source as words

    words.show(source_id, file, table, layout)


@new.command("indicator")
@click.argument("indicator_id", metavar="ID")
@click.option("--outcome", required=True, help="The outcome that it stands under, such as vs03_o1 or vs02_p1.")
@click.option("--source", required=True, help="The loaded source of its figures.")
@click.option("--label", required=True, help="The series, in the words of the source.")
@click.option("--heading", default="", help="What else tells the series apart; docs/framework.md says what by source.")
def new_indicator(indicator_id: str, outcome: str, source: str, label: str, heading: str) -> None:
    """Begin an indicator whose source is loaded: its YAML."""
    from workbench.scaffolds import indicator as words

    words.show(indicator_id, outcome, words.Fed(source, label, heading))


@main.group("framework")
def framework_group() -> None:
    """The Promise Progress Framework as data, in framework/."""


@framework_group.command("propose")
@click.option("--snapshot", metavar="ID", help="Another landed state, by the beginning of its id; else the last one.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
    help="Where to write; PROMISE_HOME/proposals/<day>_<id> if left out.",
)  # fmt: skip
def framework_propose(snapshot: str | None, out: Path | None) -> None:
    """Write down what the dashboard says that framework/ does not, for a person to review.

    Reads what an ingest of promise_dashboard landed live. Writes REVIEW.md, which says of each difference where it is,
    in which file and key, the value there and the page's, and what no program can decide. The checkout stays as it is.
    """
    from workbench.commands import propose as words

    words.show(snapshot, out)


@main.group()
def db() -> None:
    """The database."""


@db.command("url")
@click.option("--reader", is_flag=True, help="As the role that may only read marts.")
def db_url(reader: bool) -> None:
    """Print a libpq URL: psql "$(promise db url)". Starts the embedded database if it is down."""
    from promise import database

    database.ensure_running()
    click.echo(database.url("reader" if reader else "owner"))


@db.command("stop")
def db_stop() -> None:
    """Stop the embedded database."""
    from promise import database

    click.echo("stopped" if database.stop() else "it was not running, or is not ours to stop")


@main.group()
def release() -> None:
    """The releases: what readers see, and what they could see again."""


@release.command("list")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def release_list(as_json: bool) -> None:
    """List every release, newest first."""
    from workbench.commands import release as words

    words.show_releases(as_json)


@release.command("show")
@click.argument("number", type=int)
def release_show(number: int) -> None:
    """Show one release: when it was made, of what, and how its checks went."""
    from workbench.commands import release as words

    words.show_release(number)


@release.command("diff")
@click.argument("before", type=int, required=False)
@click.argument("now", type=int, required=False)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def release_diff(before: int | None, now: int | None, as_json: bool) -> None:
    """Say per indicator what changed between two kept releases, and which judgements flipped.

    Without numbers: from the one before to the one that readers see.
    """
    from workbench.commands import release as words

    words.show_changes(before, now, as_json)


@release.command("rollback")
@click.option("--reason", required=True, help="Why; it is kept with the release that is taken back.")
def release_rollback(reason: str) -> None:
    """Show readers the release before the current one again, until somebody allows another."""
    from workbench.commands import release as words

    words.rollback(reason)


@release.command("allow")
def release_allow() -> None:
    """End a rollback: let the next run be released."""
    from workbench.commands import release as words

    words.allow()


@release.command("drop")
@click.argument("number", type=int)
def release_drop(number: int) -> None:
    """Give up a release that is kept beside the one that readers see."""
    from workbench.commands import release as words

    words.drop(number)


@main.group()
def quarantine() -> None:
    """Files that arrived and are not used: what in them failed, and what waits for a person to decide."""


@quarantine.command("list")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def quarantine_list(as_json: bool) -> None:
    """List every vintage that a check keeps out."""
    from workbench.commands import quarantine as words

    words.show_waiting(as_json)


@quarantine.command("show")
@click.argument("what", metavar="SOURCE_OR_VINTAGE")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def quarantine_show(what: str, as_json: bool) -> None:
    """Name the cells that failed, each with its address and rule.

    A value is shown only if it is a number, a marker, an area or a period.
    """
    from workbench.commands import quarantine as words

    words.show(what, as_json)


@quarantine.command("accept")
@click.argument("vintage", type=int)
@click.option("--why", required=True, help="Why it may be used; it is kept with your name.")
def quarantine_accept(vintage: int, why: str) -> None:
    """Let the next run use a vintage that is held. One that a rule rejected is nobody's to accept."""
    from workbench.commands import quarantine as words

    words.decide(vintage, "accept", why)


@quarantine.command("reject")
@click.argument("vintage", type=int)
@click.option("--why", required=True, help="Why it must not be used; it is kept with your name.")
def quarantine_reject(vintage: int, why: str) -> None:
    """Keep out a vintage that is held."""
    from workbench.commands import quarantine as words

    words.decide(vintage, "reject", why)


@main.group(invoke_without_command=True)
@click.option("--megabytes", default=20, show_default=True, help="Size of the synthetic file that is loaded.")
@click.option("--scheduler", is_flag=True, help="Also ask sixty sources through an Airflow of its own: minutes.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def bench(ctx: click.Context, megabytes: int, scheduler: bool, as_json: bool) -> None:
    """Measure speed, each figure beside the limit of this machine. Synthetic rows, in a database of their own."""
    if ctx.invoked_subcommand:
        return
    from dataclasses import asdict

    from workbench.bench.figure import Sizes
    from workbench.bench.run import bench as measure

    figures = measure(Sizes(text_megabytes=megabytes), scheduler)
    if as_json:
        click.echo(json.dumps([asdict(figure) | {"ratio": figure.ratio} for figure in figures], indent=2))
        return
    for figure in figures:
        beside = "" if figure.limit is None else f", limit {figure.limit:.2f}, ratio {figure.ratio:.2f}"
        click.echo(f"{figure.name}: {figure.ours:.2f} {figure.unit}{beside} ({figure.note})")


@bench.command("faults")
@click.option("--part", "parts", multiple=True, help="What is broken, as docs/faults.md names it; all when left out.")
@click.option("--moments", default=20, show_default=True, type=click.IntRange(1), help="How often each part is broken.")
@click.option("--seed", default=1, show_default=True, help="The same seed breaks at the same moments.")
def bench_faults(parts: tuple[str, ...], moments: int, seed: int) -> None:
    """Break each part while a run is at work, in a house of its own, and see whether all agrees and the next run ends.

    A moment takes two runs, of a minute or two each. Exit code 1: something was lost.
    """
    from workbench.bench.faults.run import show

    sys.exit(show(parts, moments, seed))


@main.command(hidden=True)
@click.argument("name", type=click.Choice(["init", "api-server", "scheduler", "dag-processor", "triggerer", "site"]))
def component(name: str) -> None:
    """Be one long-running part in the foreground, for containers and service managers."""
    from workbench.commands.component import component as become

    become(name)


@main.group()
def site() -> None:
    """The public site."""


@site.command("build")
def site_build() -> None:
    """Build the site from the current release."""
    from bi.site.build import build
    from warehouse import releases

    built = build()
    releases.note_drawn("site", built["release_id"])
    click.echo(f"{built['pages']} pages of release {built['release_id']} in {built['folder']}")


@main.group()
def bi() -> None:
    """Metabase: dashboards and the map, provisioned from bi/metabase/."""


@bi.command("plan")
def bi_plan() -> None:
    """Say what `promise bi apply` would write to Metabase."""
    from bi.metabase import apply

    click.echo(json.dumps(apply.plan(), indent=2, default=str))


@bi.command("apply")
def bi_apply() -> None:
    """Make Metabase what bi/metabase/ says. A second time writes nothing."""
    from bi.metabase import apply

    click.echo(json.dumps(apply.apply(), indent=2, default=str))


@main.command("dbt", context_settings=PASSED_ON, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def dbt(arguments: tuple[str, ...]) -> None:
    """dbt itself, in schemas of your own that read the current release: promise dbt build --select fct_progress+

    `promise dbt --help` lists dbt's commands, and ours.
    """
    from workbench.commands import dbt as words

    sys.exit(words.run(arguments))


@main.command()
def env() -> None:
    """Print what a shell or an editor needs for plain dbt, psql and airflow: eval "$(promise env)"

    The lines hold passwords. Starts the embedded database if it is down.
    """
    from workbench.commands import tools

    click.echo(tools.exports())


@main.command(context_settings=PASSED_ON, add_help_option=False)
@click.option("--owner", "who", flag_value="owner", help="As the role that builds everything.")
@click.option("--reader", "who", flag_value="reader", help="As the role that may only read marts.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def psql(who: Literal["owner", "reader"] | None, arguments: tuple[str, ...]) -> None:
    """psql on the warehouse, with your own rights: promise psql -c 'select * from marts.national_summary'

    --owner or --reader before psql's own options connect as those.
    """
    from workbench.commands import tools

    tools.psql(arguments, who or "analyst")


@main.command(context_settings=PASSED_ON, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def airflow(arguments: tuple[str, ...]) -> None:
    """Airflow's own command, on this project's Airflow: promise airflow dags list"""
    from workbench.commands import tools

    tools.airflow(arguments)


@main.group()
def dev() -> None:
    """The schemas of your own that dbt builds into: dev_<user>_staging, dev_<user>_marts and so on."""


@dev.command("list")
def dev_list() -> None:
    """List your schemas, what is in them and how large they are."""
    from workbench.commands import tools

    tools.show_schemas()


@dev.command("drop")
def dev_drop() -> None:
    """Drop your schemas, with everything in them. Nobody else's."""
    from workbench.commands import tools

    tools.drop_schemas()


@main.command()
@click.argument("indicator_id", metavar="INDICATOR")
def preview(indicator_id: str) -> None:
    """Show what an indicator's mart and page would say of the working tree, without a release."""
    from workbench.commands import preview as words

    words.show(indicator_id)


@main.command()
@click.option("--markdown", is_flag=True, help="For a review, such as a pull request.")
def compare(markdown: bool) -> None:
    """Say what the working tree does to figures and judgements, beside the current release.

    Builds what differs in your own schemas. Nothing that others read changes.
    """
    from workbench.commands import compare as words

    words.show(markdown)


if __name__ == "__main__":
    main()
