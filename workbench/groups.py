"""The commands of `promise` that have commands of their own: thin doors, too."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Literal

import click

from workbench.map_group import map_group


@click.group()
def new() -> None:
    """Begin something that people describe: the files for it, with what nobody can guess left open."""


def _answers(command: click.Command) -> click.Command:
    """An option for each question of `promise new source`."""
    from workbench.scaffolds.questions import QUESTIONS

    command.params += [click.Option([f"--{each.name}"], help=f"{each.asks}.") for each in QUESTIONS]
    return command


@_answers
@new.command("source")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--id", "source_id", help="What the source is called, for ever: lower snake case.")
@click.option("--table", type=click.IntRange(1), help="Which of several tables, as `promise peek` lists them.")
@click.option(
    "--layout", type=click.Choice(["wide", "long"]), help="Long: one row a cell. Seen from the file if left out."
)
@click.option(
    "--marker", "meanings", multiple=True, metavar="WORD=MEANING",
    help="What a word among the figures means: suppressed, or an obs_status of docs/sources.md.",
)  # fmt: skip
def new_source(
    file: Path,
    source_id: str | None,
    table: int | None,
    layout: Literal["wide", "long"] | None,
    meanings: tuple[str, ...],
    **answers: str | None,
) -> None:
    """Describe a published file as a new source.

    What the file does not tell is asked for at a terminal, where it is not given here; else the entry leaves it open.
    """
    from workbench.scaffolds import source as words

    words.show(
        source_id,
        file,
        table,
        layout,
        given={name.replace("_", "-"): text for name, text in answers.items() if text is not None},
        meanings={word: meaning for word, _, meaning in (each.rpartition("=") for each in meanings)},
        ask=_asked_at_a_terminal if sys.stdin.isatty() else None,
    )


def _asked_at_a_terminal(question: str, usual: str | None) -> str:
    return str(click.prompt(question, default=usual))


@new.command("indicator")
@click.argument("indicator_id", metavar="ID")
@click.option("--outcome", required=True, help="The outcome that it stands under, such as vs03_o1 or vs02_p1.")
@click.option("--source", required=True, help="The loaded source of its figures.")
@click.option(
    "--label", default="", help="The series, in the words of the source; left out, those there are are named."
)
@click.option("--heading", default="", help="What else tells the series apart, where something does.")
def new_indicator(indicator_id: str, outcome: str, source: str, label: str, heading: str) -> None:
    """Begin an indicator whose source is loaded: its YAML."""
    from workbench.scaffolds import indicator as words

    words.show(indicator_id, outcome, words.Fed(source, label, heading))


@click.group("framework")
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


@click.group()
def db() -> None:
    """The database."""


@db.command("url")
@click.option("--reader", "role", flag_value="reader", help="As the role that may only read marts.")
@click.option("--staff", "role", flag_value="staff", help="As the role that reads signals too: docs/signals.md.")
def db_url(role: Literal["reader", "staff"] | None) -> None:
    """Print a libpq URL: psql "$(promise db url)". Starts the embedded database if it is down."""
    from promise import database

    database.ensure_running()
    click.echo(database.url(role or "owner"))


@db.command("stop")
def db_stop() -> None:
    """Stop the embedded database."""
    from promise import database

    click.echo("stopped" if database.stop() else "it was not running, or is not ours to stop")


@click.group()
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


@click.group(invoke_without_command=True)
@click.option("--megabytes", default=20, show_default=True, help="Size of the synthetic file that is loaded.")
@click.option("--scheduler", is_flag=True, help="Also ask sixty sources through an Airflow of its own: minutes.")
@click.option("--ten-million", is_flag=True, help="Also build a warehouse of ten million figures: many minutes.")
@click.option("--part", "parts", multiple=True, help="What is measured, as docs/benchmarks.md names it; else all.")
@click.option("--write", is_flag=True, help="Keep the results, and write docs/benchmarks.md of all that are kept.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def bench(
    ctx: click.Context,
    *,
    megabytes: int,
    scheduler: bool,
    ten_million: bool,
    parts: tuple[str, ...],
    write: bool,
    as_json: bool,
) -> None:
    """Measure speed, each figure beside the limit of this machine. Synthetic rows, in a database of their own."""
    if ctx.invoked_subcommand:
        return
    from dataclasses import asdict

    from workbench.bench.figure import Sizes
    from workbench.bench.run import PARTS
    from workbench.bench.run import bench as measure
    from workbench.bench.synthetic import SHAPES
    from workbench.pages import benchmarks_page

    if unknown := sorted({*parts} - {*PARTS}):
        raise click.UsageError(f"there is no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    built = Sizes.built + ((SHAPES[10_000_000],) if ten_million else ())
    sizes = Sizes(text_megabytes=megabytes, built=built)
    figures = []
    for part in [part for part in PARTS if not parts or part in parts]:
        measured = measure(sizes, scheduler, [part])
        if write:  # at once: a part takes minutes, and the next one may fail
            benchmarks_page.keep(measured)
        figures += measured[part]
        if not as_json:
            for figure in measured[part]:
                beside = "" if figure.limit is None else f", limit {figure.limit:.2f}, ratio {figure.ratio:.2f}"
                click.echo(f"{figure.name}: {figure.ours:.2f} {figure.unit}{beside} ({figure.note})")
    if as_json:
        click.echo(json.dumps([asdict(figure) | {"ratio": figure.ratio} for figure in figures], indent=2))


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


@click.group()
def site() -> None:
    """The public site."""


@site.command("build")
def site_build() -> None:
    """Build the site from the current release."""
    from bi.site.build import build
    from promise.settings import settings
    from warehouse import releases

    built = build()
    releases.note_drawn("site", built["release_id"])
    click.echo(f"{built['pages']} pages of release {built['release_id']} in {built['folder']}")
    if settings().site_for == "staff":
        click.echo(f"for staff, with the signals of councils, in {settings().staff_site}")


@click.group()
def bi() -> None:
    """Metabase: dashboards and the map, provisioned from bi/metabase/."""


@bi.command("setup")
def bi_setup() -> None:
    """See that Metabase has an administrator, and make our key to it."""
    from bi.metabase import setup

    click.echo(json.dumps(setup.setup(), indent=2))


@bi.command("plan")
def bi_plan() -> None:
    """Say what `promise bi apply` would write to Metabase."""
    from bi.metabase import apply

    click.echo(json.dumps(apply.plan(), indent=2))


@bi.command("apply")
def bi_apply() -> None:
    """Make Metabase what bi/metabase/ says. A second time writes nothing."""
    from bi.metabase import apply

    click.echo(json.dumps(apply.apply(), indent=2))


@bi.command("prune")
def bi_prune() -> None:
    """Put into the bin what stands in the managed collection and in no file."""
    from bi.metabase import apply

    click.echo(json.dumps(apply.prune(), indent=2))


@bi.command("smoke")
def bi_smoke() -> None:
    """Run every question through its dashboard, also with a choice for each filter. Writes nothing."""
    from bi.metabase import apply

    click.echo(json.dumps(apply.smoke(), indent=2))


@click.group()
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


@click.group()
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


@click.group("return")
def return_group() -> None:
    """What organisations hand in: the template to fill in, the check, what it would change, and handing it in."""


@return_group.command("kinds")
def return_kinds_() -> None:
    """List the kinds of return."""
    from workbench.commands import returns as words

    words.show_kinds()


@return_group.command("template")
@click.argument("kind")
@click.option("--format", "form", type=click.Choice(["xlsx", "csv", "json-schema"]), default="xlsx", show_default=True)
@click.option("--organisation", help="Whose it will be, by id or name; else whoever fills it in chooses.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Where to; else KIND.xlsx and so on, here."
)
def return_template(kind: str, form: str, organisation: str | None, out: Path | None) -> None:
    """Write the template of a kind, for people to fill in."""
    from workbench.commands import returns as words

    words.template(kind, form, organisation, out)


@return_group.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--kind", help="Of which kind it must be; else the one that it says.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A workbook with the wrong cells marked.")
def return_check(file: Path, kind: str | None, out: Path | None) -> None:
    """Say of each cell that is wrong where it stands, what is wrong, and what to write instead. Keeps nothing.

    Exit code 1: something must be put right, or confirmed.
    """
    from workbench.commands import returns as words

    sys.exit(words.check(file, kind, out))


@return_group.command("preview")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Where to; else beside the file, as .html."
)
def return_preview(file: Path, out: Path | None) -> None:
    """Write one page with what a return would change, and how its sender stands. For the sender; keeps nothing."""
    from workbench.commands import returns as words

    sys.exit(words.preview(file, out))


@return_group.command("hand-in")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def return_hand_in(file: Path) -> None:
    """Take a return in, in place of the one before of the same organisation; the next run judges and uses it.

    Exit code 1: something must be put right, and nothing was kept.
    """
    from workbench.commands import returns as words

    sys.exit(words.hand_in(file))


GROUPS = (new, framework_group, db, release, quarantine, return_group, map_group, bench, site, bi, dev)
