"""`promise new source`: from a published file to everything a source needs, with what nobody can see left open.

The entry that is written is refused by the catalogue until a person has said who publishes the file, what it may be
used for and what its words mean. Nothing that exists is overwritten.
"""

from __future__ import annotations

import json
import re
import shutil
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from promise.catalogue.shapes import OF_THE_EDITION
from promise.catalogue.sources import ENTRY, Source, read_folder
from promise.errors import PromiseError
from promise.settings import ROOT
from promise.strict import QUESTION, CatalogueError, load_yaml
from promise.vocabulary.markers import find_qualifier
from workbench.peek.proposal import Layout, Proposal, propose
from workbench.scaffolds import idle
from workbench.scaffolds.questions import BY_NAME, NONE, SUPPRESSED, Ask, Case, answer, in_words, kinds, markers

ID = re.compile(r"^[a-z][a-z0-9_]{1,39}$")
PLAIN = re.compile(r"^[A-Za-z][A-Za-z0-9_.-]*(?: [A-Za-z0-9_.-]+)*$")
WIDTH = 118  # where the entries of this project break a line of prose
PRECISION = {4: "year", 7: "month", 10: "day"}  # by the characters of a day that is known so far
YAML_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


@dataclass(frozen=True)
class Made:
    """What was written, and what is left to do."""

    files: tuple[Path, ...]
    to_do: tuple[str, ...]


def new_source(
    source_id: str,
    file: Path,
    table: int | None = None,
    layout: Layout | None = None,
    root: Path = ROOT,
    *,
    given: Mapping[str, str] | None = None,
    meanings: Mapping[str, str] | None = None,
    ask: Ask | None = None,
) -> Made:
    """Write entry, bundled file and, for reference data, the staging model.

    `given` are answers by the names of questions.py, `meanings` those about the words among the figures; what is in
    neither is asked by `ask`, and without it left open in the entry. Raises PromiseError, and then wrote nothing.
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
    case = Case(source_id, said)
    answer(case, given or {}, ask)
    text = entry_text(case, file.name, markers(case, meanings or {}, ask))

    folder.mkdir(parents=True)
    shutil.copyfile(file, copy)
    entry.write_text(text, encoding="utf-8")
    for path, content in models.items():
        (root / path).write_text(content, encoding="utf-8")
    with ever.open("a", encoding="utf-8") as lines:
        lines.write(f"{raw_table}\n")
    listed = idle.put_on(root, f"stg_{raw_table}")
    made = (*(path.relative_to(root) for path in (entry, copy)), *models, ever.relative_to(root), *listed)
    return Made(made, _to_do(entry, copy, said, root))


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


def show(
    source_id: str | None,
    file: Path,
    table: int | None,
    layout: Layout | None,
    *,
    given: Mapping[str, str],
    meanings: Mapping[str, str],
    ask: Ask | None,
) -> None:
    """Do it, and tell a person what was written and what is left."""
    import click

    from workbench.pages import made_of_the_catalogue

    if source_id is None:
        stem = re.sub(r"[^a-z0-9]+", "_", file.name.partition(".")[0].casefold()).strip("_")
        if ask is None:
            raise PromiseError(f"a source has an id that never changes; give it one with --id, such as {stem}")
        source_id = ask("The id of the source, which never changes", stem)
    made = new_source(source_id, file, table, layout, given=given, meanings=meanings, ask=ask)
    files = [*map(str, made.files)]
    if not any("still to be written" in each for each in made.to_do):
        read_folder.cache_clear()
        files += made_of_the_catalogue.write()
    click.echo("\n".join(["written:", *(f"  {path}" for path in files), "", "to do:"]))
    for number, each in enumerate(made.to_do, start=1):
        click.echo(f"  {number}. {each}")


def _to_do(entry: Path, copy: Path, said: Proposal, root: Path) -> tuple[str, ...]:
    source_id = entry.parent.name
    first: tuple[str, ...]
    try:
        load_yaml(entry, Source)
    except CatalogueError as faults:
        look = f" These headings may be about a person: {', '.join(said.personal)}." if said.personal else ""
        first = (
            f"{faults}\nThe catalogue refuses the entry until then.{look}",
            "python -m workbench.pages, then.",
        )
    else:
        first = (f"ingestion/sources/{source_id}/source.yml: look whether it is right, too.",)
    return (
        *first,
        f"promise try {source_id} {copy.relative_to(root)}",
        *(
            [f"promise new indicator ID --outcome OUTCOME --source {source_id}, for each that it is to feed"]
            if said.has_figures
            else []
        ),
        "promise run",
    )


# -- the entry ---------------------------------------------------------------------------------------------------------


def entry_text(case: Case, file_name: str, meanings: Mapping[str, str]) -> str:
    """The YAML: what the file and the answers tell is filled in, the rest is a question to whoever reads it."""
    said = case.said
    lines = [
        "# Written by `promise new source`. Nothing is loaded while a key begins with WRITE. Look at the others, too.",
        f"id: {case.source_id}",
        f"title: {_answer(case, 'title')}",
        *_prose("description", _answer(case, "description")),
        f"publisher: {_answer(case, 'publisher')}",
        f"landing_page: {_answer(case, 'page')}",
        "licence:",
        f"  name: {_answer(case, 'licence')}",
        f"  url: {_answer(case, 'licence-url')}",
        f"  attribution: {_answer(case, 'attribution')}",
        f"cadence: {_answer(case, 'cadence')}",
        f"check_cron: {_answer(case, 'check-cron')}",
        f"freshness: {_freshness(case)}",
        f"personal_data: {_answer(case, 'personal-data')}",
        "# what of earlier files a newer one takes the place of: whole, its_periods or nothing (docs/sources.md)",
        f"replaces: {'its_periods' if said.has_figures else 'whole'}",
        "bundle:",
        f"  - file: {_yaml(file_name)}",
        f"    origin_url: {_answer(case, 'origin')}",
        *([f"    period: {_answer(case, 'period')}"] if _is_of_the_edition(said) else []),
        *_publication(case),
        "table:",
        f"  name: {said.table_name}",
        f"  reader: {flow(said.reader)}",
        "  columns:  # ours, and behind it the published heading; a list, newest first, where that was renamed",
        *(f"    {name}: {_yaml(heading)}" for name, heading in said.columns.items()),
        *checks_text(case),
        *figures_text(case),
        *_markers(said, meanings),
    ]
    return "\n".join(lines) + "\n"


def _answer(case: Case, name: str) -> str:
    """An answer as YAML, or its question."""
    if name not in case.answers:
        return json.dumps(f"{QUESTION}{in_words(BY_NAME[name], case)}", ensure_ascii=False)
    text = case.answers[name]
    return "null" if text == NONE and name == "licence-url" else _yaml(text)


def _prose(key: str, value: str) -> list[str]:
    """A long text over several lines."""
    text = json.loads(value) if value.startswith('"') else value
    if len(f"{key}: {value}") <= WIDTH or text != " ".join(text.split()):
        return [f"{key}: {value}"]
    return [f"{key}: >-", *(f"  {line}" for line in textwrap.wrap(text, WIDTH - 2, break_on_hyphens=False))]


def _freshness(case: Case) -> str:
    days = case.answers.get("freshness")
    if days is None:
        return _answer(case, "freshness")
    if days == NONE:
        return "null"
    warn, _, error = days.partition("/")
    return f"{{warn_after_days: {warn}, error_after_days: {error}}}"


def _is_of_the_edition(said: Proposal) -> bool:
    return OF_THE_EDITION in said.columns.values()


def _publication(case: Case) -> list[str]:
    if not case.said.has_figures:
        return ["    publication: null  # it holds no figures"]
    publisher = case.organisation
    day, precision = _published_on(case)
    return [
        "    publication:  # null where each row names its own, and figures: publication says where",
        f"      id: {_answer(case, 'publication-id')}",
        f"      title: {_answer(case, 'publication-title')}",
        f"      publisher: {_yaml(publisher.name) if publisher else _answer(case, 'publisher')}",
        f"      url: {_answer(case, 'publication-page')}",
        f"      published_on: {day}",
        f"      precision: {precision}",
        f"      series: {_answer(case, 'series')}",
        f"      rank: {case.answers.get('rank') or _answer(case, 'rank')}",
        f"      note: {_answer(case, 'date-known-by')}",
    ]


def _published_on(case: Case) -> tuple[str, str]:
    """The first day that it may have been, and how much of it is known."""
    text = case.answers.get("published-on")
    if text is None:
        return _answer(case, "published-on"), json.dumps(f"{QUESTION}day, month, year, or unknown")
    if text == "unknown":
        return "null", "unknown"
    return f"{text}-01-01"[:4] + f"{text[4:]}-01-01"[:6], PRECISION[len(text)]


def checks_text(case: Case) -> list[str]:
    said = case.said
    lines = ["  checks:", f"    at_least_rows: {said.rows}"]
    doubt = "" if said.key_is_unique else "  # rows of this file share a key: find out what else tells them apart"
    lines.append(f"    key: {flow(list(said.key))}{doubt}")
    lines.append(f"    not_null: {flow(list(said.not_null))}")
    if said.numbers:
        lines.append(f"    numbers: {flow(list(said.numbers))}")
    if said.area:
        column, by, count = said.area
        outside = f", outside: {flow(list(said.outside))}" if said.outside else ""
        look = "  # outside: look whether each is no area that is kept" if said.outside else ""
        lines += [f"    area: {{column: {column}, by: {by}{outside}}}{look}", f"    distinct_areas: {count}"]
    if said.period:
        lines.append(f"    period: {{column: {said.period[0]}, style: {_answer(case, 'style')}}}")
    return lines


def _markers(said: Proposal, meanings: Mapping[str, str]) -> list[str]:
    if not said.markers:
        return ["markers: {}"]
    return [
        "markers:  # what each means here: obs_status and conf_status as docs/sources.md lists them",
        *(
            f"  {json.dumps(word, ensure_ascii=False)}: {_meant(said, word, usually, meanings.get(word))}"
            for word, usually in said.markers.items()
        ),
    ]


def _meant(said: Proposal, word: str, usually: str, kind: str | None) -> str:
    """What a word means, as its publisher's own list or a person says; else a question."""
    if said.qualifiers and (known := find_qualifier(word)):
        meaning = json.dumps(known.usually, ensure_ascii=False)
        return f"{{obs_status: {known.obs_status}, conf_status: {known.conf_status}, meaning: {meaning}}}"
    if kind is None:
        asked = json.dumps(f"{QUESTION}one of {', '.join(kinds()[1:])}; usually {usually}", ensure_ascii=False)
        both = json.dumps(f"{QUESTION}free, or suppressed_by_publisher")
        return f"{{obs_status: {asked}, conf_status: {both}, meaning: {json.dumps(usually, ensure_ascii=False)}}}"
    obs_status, conf_status = ("final", "suppressed_by_publisher") if kind == SUPPRESSED else (kind, "free")
    meaning = usually if usually != "not known by sight" else kind.replace("_", " ")
    return (
        f"{{obs_status: {obs_status}, conf_status: {conf_status}, meaning: {json.dumps(meaning, ensure_ascii=False)}}}"
    )


def _yaml(text: str) -> str:
    return text if PLAIN.match(text) and text.casefold() not in YAML_WORDS else json.dumps(text, ensure_ascii=False)


def flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return _yaml(str(value))


def figures_text(case: Case) -> list[str]:
    """Which columns make up a figure, as far as the key tells; a person looks whether it is right."""
    said = case.said
    if not said.has_figures:
        return ["figures: null  # no column of known areas was found; with figures in it, see docs/sources.md"]
    if said.period is None:
        return [
            "figures: {by_hand: true}  # no column says when; name it in the model, or take it out of a heading there"
        ]
    label, *parts = [*said.apart, None]
    lines = ["figures:  # what a figure is of, and by what it is a part: see docs/sources.md"]
    if label:
        lines.append(f"  label: {label}")
    elif said.called is not None:
        lines.append(f"  called: {_answer(case, 'called')}")
    values = [each.strip() for each in case.answers.get("values", ", ".join(said.numbers)).split(",")]
    lines.append(f"  value: {flow(values)}")
    qualifiers = {name: column for name, column in said.qualifiers.items() if name in values}
    lines += [f"  qualifiers: {flow(qualifiers)}"] if qualifiers else []
    if breakdowns := {each: each for each in parts if each}:
        lines.append(f"  breakdowns: {flow(breakdowns)}")
        lines += [f"  total: {_yaml(said.total)}"] if said.total else []
    return lines


# -- the staging model -------------------------------------------------------------------------------------------------


def _models(source_id: str, raw_table: str, said: Proposal) -> dict[Path, str]:
    """The files of the staging model, by their paths below the root: none where it is made of the entry."""
    staging = Path("dbt") / "models" / "staging"
    if said.has_figures:
        by_hand = said.period is None
        return {staging / "figures" / f"stg_{raw_table}.sql": by_hand_text(raw_table, said)} if by_hand else {}
    model = staging / "reference" / f"stg_{raw_table}.sql"
    return {
        model: reference_text(source_id, raw_table, said),
        model.with_suffix(".yml"): words_text(source_id, raw_table, said),
    }


def by_hand_text(raw_table: str, said: Proposal) -> str:
    """A model of figures by hand, which is one call: every argument is SQL over a row."""
    label = next(iter(said.apart), None)
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
-- One row per {" and ".join(said.key)}, as its publisher has it now.
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
