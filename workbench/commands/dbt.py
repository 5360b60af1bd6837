"""`promise dbt`: dbt itself, as the person who types it.

Every command and option is dbt's. What is added: the generated files are fresh, the database runs, models are built in
schemas of one's own, and refs to what is not built there lead to the current release (`warehouse.state`).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from promise.database import analysts
from warehouse import state, transform
from warehouse.frugal import frugally

HELP = """\
`promise dbt` is dbt itself: every command and option below is dbt's own.

  promise dbt build --select indicator__attendance_rate+   builds and tests in schemas of your own, dev_<user>_…
  promise dbt show --select fct_progress --limit 20        runs a model's SQL and shows rows, builds nothing
  promise dbt generate                                     ours: writes the files that dbt reads of the catalogue
  promise dev list, promise dev drop                       ours: your schemas

What you do not select is read from the current release (--no-defer turns that off). docs/analysts.md says more.
"""
READING = {"build", "run", "test", "show", "compile", "snapshot", "retry"}  # commands whose refs lead somewhere
SHARED: dict[str, transform.Target] = {"prod": "prod", "release": "release"}  # targets that are nobody's own
MOST = 5  # names in a line


@dataclass(frozen=True)
class Session:
    """One person's dbt: as whom it connects, what it defers to, and the environment that tells it so."""

    analyst: analysts.Analyst
    state: state.State
    environment: dict[str, str]

    @property
    def target_path(self) -> Path:
        return Path(self.environment["DBT_TARGET_PATH"])


def session() -> Session:
    """Everything that dbt needs for whoever works here; starts the embedded database if it is down."""
    analyst = analysts.ensure()
    transform.write_generated()
    with analyst.connect() as conn:
        found = state.prepare(conn)
    environment = transform.variables("dev", analyst.here, analyst.schema)
    environment["DBT_DEFER"] = "false" if found.folder is None else "true"
    if found.folder:
        # A table that was left in a dev schema last week is not what its name says today: the release is.
        environment |= {"DBT_FAVOR_STATE": "true", "DBT_STATE": str(found.folder)}
    return Session(analyst, found, environment)


def run(arguments: Sequence[str]) -> int:
    """Run a dbt command as whoever works here, with dbt's own output; returns its exit code."""
    arguments = _as_dbt_has_it(list(arguments))
    if arguments == ["generate"]:
        click.echo(f"{len(transform.write_generated())} generated files changed", err=True)
        return 0
    if not arguments or arguments[0] in ("-h", "--help"):
        click.echo(HELP)
        return _dbt(["--help"])
    mine = session()
    with inside(mine.environment | _for_its_target(mine, arguments)):
        code = _dbt(arguments)
        for line in _read_from(mine):
            click.echo(line, err=True)
    return code


def build(mine: Session, *arguments: str) -> list[Any]:
    """Build for a command of ours, quietly; returns the results. Raises BuildFailed with dbt's own words.

    Who reads what was built (an exposure, which dbt lists among the results) is no result.
    """
    with inside(mine.environment | {"DBT_QUIET": "true"}):
        outcome = transform.invoke(["build", *arguments])
    results = [
        each
        for each in (outcome.result.results if outcome.result is not None else ())
        if each.node.resource_type != "exposure"
    ]
    if not outcome.success:
        words = "\n".join(f"{each.node.name}: {(each.message or '').strip()}" for each in results if each.message)
        raise transform.BuildFailed(f"dbt could not build it in {mine.analyst.schema}_…:\n{words or outcome.exception}")
    return results


@contextmanager
def inside(environment: dict[str, str]) -> Iterator[None]:
    """dbt's environment while the block runs: ours, and of the shell's own what is not about dbt's place."""
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _dbt(arguments: Sequence[str]) -> int:
    from dbt.cli.main import cli  # 3 s of imports, paid only where dbt runs

    try:
        with frugally():
            cli(list(arguments), prog_name="promise dbt")
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def _as_dbt_has_it(arguments: list[str]) -> list[str]:
    """What was asked for until now, `promise dbt run build …`, in dbt's own words."""
    if arguments[:1] != ["run"] or len(arguments) == 1 or arguments[1].startswith("-"):
        return arguments
    given = " ".join(arguments[1:])
    click.echo(f"promise: `promise dbt run {given}` is now `promise dbt {given}`", err=True)
    return arguments[1:]


def _for_its_target(mine: Session, arguments: Sequence[str]) -> dict[str, str]:
    """What is otherwise for the target that the arguments name, and for the command. Says what a reader should know."""
    target = SHARED.get(_option(arguments, "--target", "-t") or "dev")
    if target:
        click.echo(
            f"target {target} is for reading; what is its own is built by the scheduler (`promise run`)", err=True
        )
        variables = transform.variables(target, mine.analyst.here, "staging")
        return variables | {"DBT_DEFER": "false", "DBT_FAVOR_STATE": "false"}
    if READING.intersection(arguments):
        for note in mine.state.notes:
            click.echo(note, err=True)
    # Whoever tests a model wants to know of the one they built.
    return {"DBT_FAVOR_STATE": "false"} if "test" in arguments else {}


def _option(arguments: Sequence[str], *names: str) -> str | None:
    for position, word in enumerate(arguments):
        name, equals, value = word.partition("=")
        if name in names:
            return value if equals else next(iter(arguments[position + 1 :]), None)
    return None


def _read_from(mine: Session) -> Iterator[str]:
    """Where the models that just ran had read what was not selected, as far as that may surprise."""
    from dbt.flags import get_flags

    from dbt import selected_resources

    flags = get_flags()
    selected = set(selected_resources.SELECTED_RESOURCES)
    if not selected or not getattr(flags, "DEFER", False):
        return
    known = json.loads((mine.target_path / "manifest.json").read_text())
    nodes = known["nodes"] | known["functions"] | known["unit_tests"]
    released = json.loads((Path(flags.STATE) / "manifest.json").read_text())
    there = released["nodes"] | released["functions"]
    own = _own_relations(mine)
    passed_over, missing = set(), {}
    for key in selected & set(nodes):
        for parent in set(nodes[key]["depends_on"].get("nodes", ())) - selected:  # a seed's has none
            if nodes.get(parent, {}).get("resource_type") not in state.BUILT:
                continue
            if (nodes[parent]["schema"], nodes[parent]["alias"]) in own:
                passed_over |= {nodes[parent]["name"]} if parent in there else set()
            elif parent not in there:
                missing[nodes[parent]["name"]] = nodes[key]["name"]
    if passed_over and flags.FAVOR_STATE:
        yield (
            f"read from release {mine.state.release_id}, though your schemas have them too: {_names(passed_over)};"
            " select them as well, or say --no-favor-state, to read yours"
        )
    elif passed_over:
        yield f"read as you built them, not from release {mine.state.release_id}: {_names(passed_over)}"
    for parent, child in sorted(missing.items()):
        yield (
            f"{child} reads {parent}, which neither release {mine.state.release_id} nor your schemas have:"
            f" build it too, --select +{child}"
        )


def _own_relations(mine: Session) -> set[tuple[str, str]]:
    with mine.analyst.connect() as conn:
        return set(
            conn.execute(
                "select nspname, relname from pg_class join pg_namespace on pg_namespace.oid = relnamespace"
                " where starts_with(nspname, ops.dev_prefix()) union"
                " select nspname, proname from pg_proc join pg_namespace on pg_namespace.oid = pronamespace"
                " where starts_with(nspname, ops.dev_prefix())"
            ).fetchall()
        )


def _names(names: set[str]) -> str:
    some = ", ".join(sorted(names)[:MOST])
    return f"{some} and {len(names) - MOST} more" if len(names) > MOST else some
