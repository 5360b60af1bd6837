"""The `promise` command: thin doors to the rooms. Heavy imports happen behind the door that needs them."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import click

from workbench.groups import GROUPS

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


for group in GROUPS:
    main.add_command(group)


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
@click.option("--transcribed", is_flag=True, help="Only the figures that this project typed: what no file gives yet.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def status(transcribed: bool, as_json: bool) -> None:
    """Say where things stand: each source, the last warehouse run, the release that readers see."""
    from workbench.commands import status as words
    from workbench.commands import transcribed as typed

    if transcribed:
        typed.show(as_json)
    else:
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
@click.option(
    "--rebuild", "with_readings", is_flag=True, help="Also read every vintage again, beside what stands of it."
)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def verify(with_readings: bool, as_json: bool) -> None:
    """Hash every landed file again and compare it with the ledger; names those that are missing or altered."""
    from workbench.commands import verify as words

    sys.exit(words.show(as_json, with_readings=with_readings))


@main.command()
def rebuild() -> None:
    """Make everything afresh from the landed files and the ledger: raw, staging, intermediate, one release."""
    from workbench.commands import verify as words

    words.rebuild()


@main.command()
@click.argument("snapshot", required=False)
@click.option("--value", help="A text, with every file that holds it; - asks for it, or reads standard input.")
@click.option("--why", required=True, help="Why; it is kept with your name. Without the value.")
@click.option("--dry-run", is_flag=True, help="Only count what would be removed, place by place.")
@click.option("--allow", is_flag=True, help="Let SNAPSHOT, which was forgotten, be landed again.")
def forget(snapshot: str | None, value: str | None, why: str, dry_run: bool, allow: bool) -> None:
    """Remove what slipped through, such as something about a child, from every place.

    SNAPSHOT is the beginning of a landed file's hash. The file goes from landing, raw, the ledger's notes, every kept
    release, the site and its downloads, logs and Airflow, and is refused from then on. A release without it is made at
    once. Written down is that, when, by whom and why, never what.

    Exit code 1: something could not be removed, and the last lines say what and what to do.
    """
    from workbench.commands import forget as words

    if allow and snapshot:
        words.allow(snapshot, why)
        return
    if value == "-":
        is_asked = sys.stdin.isatty()
        value = click.prompt("The value", hide_input=True) if is_asked else sys.stdin.read().strip("\r\n")
    sys.exit(words.show(snapshot, value, why, dry_run))


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
        render(seen, Console(emoji=False))
    sys.exit(seen.exit_code)


@main.command("try")
@click.argument("source_id", metavar="SOURCE")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def try_file(source_id: str, file: Path, as_json: bool) -> None:
    """Judge a file as the next edition of a source, without loading it. Exit code 1: it would not be accepted.

    Says how it is read, what is wrong with which cells, and what is other than in the edition in use.
    """
    from dataclasses import asdict

    from rich.console import Console

    from workbench.commands import try_file as words

    if as_json:
        tried = words.attempt(source_id, file)
        click.echo(json.dumps(asdict(tried), ensure_ascii=False, indent=2))
        sys.exit(0 if tried.is_accepted else 1)
    sys.exit(0 if words.show(source_id, file, Console(emoji=False)) else 1)


@main.command(hidden=True)
@click.argument(
    "name", type=click.Choice(["init", "api-server", "scheduler", "dag-processor", "triggerer", "site", "metabase"])
)
def component(name: str) -> None:
    """Be one long-running part in the foreground, for containers and service managers."""
    from workbench.commands.component import component as become

    become(name)


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
