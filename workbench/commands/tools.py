"""The tools underneath, with nothing to look up: `promise env`, `promise psql`, `promise airflow`, `promise dev`."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NoReturn

import click
from rich.console import Console
from rich.table import Table

from orchestration import config, platform
from promise import database
from promise.database import analysts
from promise.database.embedded import binaries
from promise.errors import PromiseError
from workbench.commands.dbt import session

Who = Literal["analyst", "owner", "reader"]
COMMANDS = Path(sys.executable).parent  # where dbt and airflow are, of the environment that this runs in


def exports() -> str:
    """Lines for a shell: after them dbt, psql, airflow and an editor's plug-in work with nothing to look up."""
    mine = session()
    wanted = mine.environment | _psql(mine.analyst.here) | _airflow() | {"PATH": _path()}
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in sorted(wanted.items()))


def psql(arguments: Sequence[str], who: Who) -> NoReturn:
    """Become psql on the warehouse, by default with an analyst's rights."""
    program = binaries() / "psql"
    found = str(program) if program.exists() else shutil.which("psql")
    if found is None:
        raise PromiseError("there is no psql here: install a PostgreSQL client, such as Debian's postgresql-client")
    here = analysts.ensure().here if who == "analyst" else _prepared(who)
    os.execve(found, [found, *arguments], dict(os.environ) | _psql(here))


def airflow(arguments: Sequence[str]) -> NoReturn:
    """Become Airflow's own command, on this project's Airflow."""
    database.ensure_running()
    if not platform.is_prepared():
        raise PromiseError("Airflow has nothing to show yet: `make run` or `make up` prepares it")
    program = str(COMMANDS / "airflow")
    os.execve(program, [program, *arguments], config.environment(platform.recorded_port()))


def show_schemas() -> None:
    """Print the schemas of whoever works here."""
    mine = analysts.ensure()
    with mine.connect() as conn:
        found = analysts.schemas(conn)
    if not found:
        click.echo(f"you have no schemas; `promise dbt build` makes them, and their names begin with {mine.schema}_")
        return
    table = Table("schema", box=None)
    for heading in ("tables and views", "size"):
        table.add_column(heading, justify="right")
    for name, relations, size in found:
        table.add_row(name, str(relations), size)
    Console(emoji=False, highlight=False).print(table)


def drop_schemas() -> None:
    """Drop the schemas of whoever works here, and say which."""
    with analysts.ensure().connect() as conn:
        dropped = analysts.drop(conn)
    click.echo(f"dropped: {', '.join(dropped)}" if dropped else "you had no schemas")


def _prepared(who: Literal["owner", "reader"]) -> database.Parts:
    database.ensure_running()
    return database.parts(who)


def _psql(here: database.Parts) -> dict[str, str]:
    return {
        "PGHOST": here["host"],
        "PGPORT": str(here["port"]),
        "PGDATABASE": here["dbname"],
        "PGUSER": here["user"],
        "PGPASSWORD": here["password"],
    }


def _airflow() -> dict[str, str]:
    """What is Airflow's own in its environment. The rest of it is about processes, not about a person's shell."""
    everything = config.environment(platform.recorded_port())
    return {name: value for name, value in everything.items() if name.startswith("AIRFLOW_")}


def _path() -> str:
    """This environment's commands first; the server's own psql last, for a machine that has none."""
    given = [part for part in os.environ.get("PATH", os.defpath).split(os.pathsep) if part]
    ours = [str(COMMANDS), *(part for part in given if part != str(COMMANDS))]
    return os.pathsep.join(ours if str(binaries()) in ours else [*ours, str(binaries())])
