"""`promise new source`: from a published file to everything a source needs, with what nobody can see left open.

The entry that is written is refused by the catalogue until a person has said who publishes the file, what it may be
used for and what its words mean. Nothing that exists is overwritten.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from promise.catalogue.sources import ENTRY, Source
from promise.errors import PromiseError
from promise.settings import ROOT
from promise.vocabulary.markers import find_qualifier
from workbench.peek.proposal import Layout, Proposal, propose

ID = re.compile(r"^[a-z][a-z0-9_]{1,39}$")
PLAIN = re.compile(r"^[A-Za-z][A-Za-z0-9_.-]*(?: [A-Za-z0-9_.-]+)*$")
YAML_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


@dataclass(frozen=True)
class Made:
    """What was written, and what is left to do."""

    files: tuple[Path, ...]
    to_do: tuple[str, ...]


def new_source(
    source_id: str, file: Path, table: int | None = None, layout: Layout | None = None, root: Path = ROOT
) -> Made:
    """Write entry, bundled file and, where it is not made of the entry, the staging model.

    Raises PromiseError, and then wrote nothing.
    """
    folder = root / "ingestion" / "sources" / source_id
    entry, copy = folder / ENTRY, folder / file.name
    ever = root / "ingestion" / "ever_loaded.txt"
    _refuse_a_taken_id(source_id, folder, ever)
    said = propose(file, source_id, table, layout)
    raw_table = f"{source_id}__{said.table_name}"
    models = _models(source_id, raw_table, said)
    for path in models:
        if (root / path).exists():
            raise PromiseError(f"{path} is there already; choose another id, or remove it first")

    folder.mkdir(parents=True)
    shutil.copyfile(file, copy)
    entry.write_text(entry_text(source_id, file.name, said), encoding="utf-8")
    for path, text in models.items():
        (root / path).write_text(text, encoding="utf-8")
    with ever.open("a", encoding="utf-8") as lines:
        lines.write(f"{raw_table}\n")
    made = (*(path.relative_to(root) for path in (entry, copy)), *models, ever.relative_to(root))
    return Made(made, _to_do(source_id, tuple(models), said))


def _refuse_a_taken_id(source_id: str, folder: Path, ever: Path) -> None:
    if not ID.match(source_id):
        raise PromiseError(
            f"{source_id!r} is no id; use lower snake case, at most 40 characters, such as sg_attendance"
        )
    if folder.exists():
        raise PromiseError(f"there is a source {source_id} already; choose another id, nothing was written")
    used = [line.strip() for line in ever.read_text(encoding="utf-8").splitlines() if line.startswith(f"{source_id}__")]
    if used:
        raise PromiseError(f"{source_id} was used before ({used[0]}); ids are never reused, choose another")


def show(source_id: str, file: Path, table: int | None, layout: Layout | None) -> None:
    """Do it, and tell a person what was written and what is left."""
    import click

    made = new_source(source_id, file, table, layout)
    click.echo("\n".join(["written:", *(f"  {path}" for path in made.files), "", "to do:"]))
    for number, each in enumerate(made.to_do, start=1):
        click.echo(f"  {number}. {each}")


def _to_do(source_id: str, models: tuple[Path, ...], said: Proposal) -> tuple[str, ...]:
    personal = ""
    if said.personal:
        personal = f" These headings may be about a person: {', '.join(said.personal)}."
    return (
        f"ingestion/sources/{source_id}/source.yml: replace every null, and put in what the comments ask for; "
        f"the catalogue refuses the file until then.{personal}",
        *(f"{path}: say what a row is, and take apart or drop what its columns hold." for path in models),
        "python -m workbench.pages.bundle_page, which lists the file with its licence.",
        "promise plan, and then promise run: it should say that one source is new.",
        "framework/: which series of it feed which measure of an indicator, if any does.",
    )


# -- the entry ---------------------------------------------------------------------------------------------------------


def entry_text(source_id: str, file_name: str, said: Proposal) -> str:
    """The YAML: what the file tells is filled in, the rest is null or asked for in a comment."""
    about_persons = f"; look hard at {', '.join(said.personal)}" if said.personal else ""
    lines = [
        "# Written by `promise new source`. What a file cannot tell is null or missing here, and the catalogue refuses",
        "# the entry until a person has filled it in. Look at what was filled in, too. Then remove these comments.",
        f"id: {source_id}",
        "title: null  # what the publisher calls it",
        "description: null  # what is counted, of whom, when and where, and what a reader could get wrong",
        "publisher: null  # an id of framework/organisations.yml",
        "landing_page: null  # the publisher's page that leads to the file",
        "licence:",
        "  name: null  # in the publisher's words; a file without a licence does not belong into the bundle",
        "  # url: the licence's address, or null",
        "  attribution: null  # the words that the publisher asks for",
        f"cadence: null  # {', '.join(get_args(Source.model_fields['cadence'].annotation))}",
        'check_cron: null  # when to look, such as "5 6 2 * *"',
        "# freshness: {warn_after_days: 400, error_after_days: 550}, or null for what does not age",
        f"personal_data: null  # none, when a person has looked at every heading{about_persons}",
        "# what of earlier files a newer one takes the place of: whole, its_periods or nothing",
        f"replaces: {'its_periods' if _has_figures(said) else 'whole'}",
        "bundle:",
        f"  - file: {_yaml(file_name)}",
        "    origin_url: null  # the address from which this file was fetched",
        *_publication(said),
        "table:",
        f"  name: {said.table_name}",
        f"  reader: {_flow(said.reader)}",
        "  columns:  # ours, and behind it the published heading; a list, newest first, where that was renamed",
        *(f"    {name}: {_yaml(heading)}" for name, heading in said.columns.items()),
        *_checks(said),
        *_figures(said),
        *_markers(said),
    ]
    return "\n".join(lines) + "\n"


def _publication(said: Proposal) -> list[str]:
    if not _has_figures(said):
        return ["    publication: null  # it holds no figures"]
    return [
        "    # Which publication the file is; null where each row names its own, and figures: publication says where",
        "    publication:",
        "      id: null  # never reused, such as the id above with the edition behind it",
        "      title: null",
        "      publisher: null",
        "      url: null  # where it is announced",
        "      # published_on: the day, or null when nobody knows",
        "      precision: null  # day, month, year; unknown where published_on is null",
        "      series: null  # what all its editions are called",
        "      rank: 1  # its place among them",
        "      note: null  # how its date is known",
    ]


def _checks(said: Proposal) -> list[str]:
    lines = ["  checks:", f"    at_least_rows: {said.rows}"]
    doubt = "" if said.key_is_unique else "  # rows of this file share a key: find out what else tells them apart"
    lines.append(f"    key: {_flow(list(said.key))}{doubt}")
    lines.append(f"    not_null: {_flow(list(said.not_null))}")
    if said.numbers:
        lines.append(f"    numbers: {_flow(list(said.numbers))}")
    if said.area:
        column, by, count = said.area
        outside = f", outside: {_flow(list(said.outside))}" if said.outside else ""
        look = "  # outside: look whether each is no area that is kept" if said.outside else ""
        lines += [f"    area: {{column: {column}, by: {by}{outside}}}{look}", f"    distinct_areas: {count}"]
    if said.period:
        column, styles = said.period
        if len(styles) == 1:
            lines.append(f"    period: {{column: {column}, style: {styles[0]}}}")
        else:
            lines.append(f"    period: {{column: {column}, style: null}}  # one of {', '.join(styles)}")
    return lines


def _markers(said: Proposal) -> list[str]:
    if not said.markers:
        return ["markers: {}"]
    return [
        "markers:  # what each means here: obs_status and conf_status as docs/sources.md lists them",
        *(
            f"  {json.dumps(word, ensure_ascii=False)}: {_meant(word, usually, qualifies=bool(said.qualifiers))}"
            for word, usually in said.markers.items()
        ),
    ]


def _meant(word: str, usually: str, *, qualifies: bool) -> str:
    """What a word means, where its publisher's own list says so; else nothing but what it usually means."""
    if qualifies and (known := find_qualifier(word)):
        meaning = json.dumps(known.usually, ensure_ascii=False)
        return f"{{obs_status: {known.obs_status}, conf_status: {known.conf_status}, meaning: {meaning}}}"
    return f"{{obs_status: null, conf_status: null, meaning: null}}  # usually: {usually}"


def _yaml(text: str) -> str:
    return text if PLAIN.match(text) and text.casefold() not in YAML_WORDS else json.dumps(text, ensure_ascii=False)


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _yaml(str(value))


def _figures(said: Proposal) -> list[str]:
    """Which columns make up a figure, as far as the key tells; a person looks whether it is right."""
    if not _has_figures(said):
        return ["figures: null  # no column of known areas was found; with figures in it, see docs/sources.md"]
    if said.period is None:
        return [
            "figures: {by_hand: true}  # no column says when; name it in the model, or take it out of a heading there"
        ]
    label, *parts = [*_apart(said), None]
    lines = ["figures:  # what a figure is of, and by what it is a part: see docs/sources.md"]
    lines += [f"  label: {label}"] if label else []
    lines.append(f"  value: {_flow(list(said.numbers))}")
    lines += [f"  qualifiers: {_flow(said.qualifiers)}"] if said.qualifiers else []
    if breakdowns := {each: each for each in parts if each}:
        lines += [f"  breakdowns: {_flow(breakdowns)}", "  # total: the word in these columns for everyone together"]
    return lines


def _has_figures(said: Proposal) -> bool:
    return bool(said.numbers and said.area)


def _apart(said: Proposal) -> list[str]:
    """What tells two rows apart besides where and when. A heading that is a period has its address beside it."""
    known = {place[0] for place in (said.area, said.period) if place}
    across = any(said.columns[name].startswith("@heading") for name in known)
    return [
        name for name in said.key if name not in known and not (across and said.columns[name].startswith("@heading"))
    ]


# -- the staging model -------------------------------------------------------------------------------------------------


def _models(source_id: str, raw_table: str, said: Proposal) -> dict[Path, str]:
    """The files of the staging model, by their paths below the root: none where it is made of the entry."""
    staging = Path("dbt") / "models" / "staging"
    if _has_figures(said):
        by_hand = said.period is None
        return {staging / "figures" / f"stg_{raw_table}.sql": figures_text(raw_table, said)} if by_hand else {}
    model = staging / "reference" / f"stg_{raw_table}.sql"
    return {
        model: reference_text(source_id, raw_table, said),
        model.with_suffix(".yml"): words_text(source_id, raw_table, said),
    }


def figures_text(raw_table: str, said: Proposal) -> str:
    """A model of figures by hand, which is one call: every argument is SQL over a row."""
    label = next(iter(_apart(said)), None)
    arguments = {
        "values": {said.columns[name]: name for name in said.numbers},
        "label": label,
        "area": said.area[0] if said.area else None,
        "period": label or "null",
        "cell": next((name for name, heading in said.columns.items() if heading == "@cell"), None),
    }
    lines = "".join(f"    {name}={value!r},\n" for name, value in arguments.items() if value)
    return (
        f"-- One row per {' and '.join(said.key)}: say in words what that is, and what a reader could get wrong. Take\n"
        "-- the period out of the text that holds it.\n"
        f"{{{{ figures(\n    {raw_table!r},\n{lines}) }}}}\n"
    )


def reference_text(source_id: str, raw_table: str, said: Proposal) -> str:
    """The model of reference data: every column trimmed, numbers as numbers, the newest list only."""
    columns = [name for name, heading in said.columns.items() if heading != "@cell"]
    body = "\n".join(
        f"        {{{{ function('published_number') }}}}({name}) as {name},"
        if name in said.numbers
        else f"        trim({name}) as {name},"
        for name in columns
    )
    return f"""\
-- One row per {" and ".join(said.key)}: say in words what that is, and what a reader could get wrong.
with source as (

    {{{{ raw_rows('{source_id}', '{raw_table}', latest_only=true) }}}}

),

renamed as (

    select
{body}
        snapshot_id

    from source

)

select * from renamed
"""


def words_text(source_id: str, raw_table: str, said: Proposal) -> str:
    """dbt's words for the model and its columns, and the test that a row is what it is said to be."""
    words = {name: f"{source_id}__{name}" for name, heading in said.columns.items() if heading != "@cell"}
    columns = "".join(
        f"      - {{name: {name}, description: '{{{{ doc(\"{block}\") }}}}'}}\n"
        for name, block in (words | {"snapshot_id": "landed_file"}).items()
    )
    return f"""\
version: 2

models:
  - name: stg_{raw_table}
    description: One row per {" and ".join(said.key)}.
    data_tests:
      - grain:
          arguments:
            columns: [{", ".join(said.key)}]
    columns:
{columns}"""
