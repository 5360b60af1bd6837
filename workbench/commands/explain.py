"""`promise explain`: the way back from a figure that readers see to the cell of the landed file, each step checked.

What was asked is looked up in `marts`, so only what is shown can be explained. The chain itself is a row of
`marts.provenance`; what is added here is the proof: the raw row is read, the landed file is hashed and its cell read
again.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import dropwhile, takewhile
from typing import Any

from psycopg import Connection, sql
from psycopg.rows import dict_row
from rich.console import Console
from rich.markup import escape

from ingestion.errors import SourceChanged
from ingestion.landing import Snapshot, folder, read_sidecar
from ingestion.readers import read
from promise import database
from promise.catalogue.framework import framework
from promise.catalogue.sources import ENTRY, Source
from promise.errors import PromiseError
from promise.settings import settings
from promise.strict import load_yaml
from promise.vocabulary.area_list import areas
from warehouse import releases

Figure = dict[str, Any]
SCOTLAND = "S92000003"
KEY = ("measure_id", "area_code", "period_start", "period_end", "breakdown", "breakdown_value")
LINE = "line "


class NotFound(PromiseError):
    """What was asked for is not shown. The message offers the nearest that is."""


def explain(
    conn: Connection[Any], what: str, area: str | None = None, period: str | None = None, breakdown: str = "total"
) -> dict[str, Any]:
    """Everything known of the figures that were asked for: {"asked", "release", "figures": [...]}.

    `what` is an indicator or a measure. Raises NotFound with the nearest valid words for anything that is not shown.
    """
    release = releases.current(conn)
    if release is None:
        raise PromiseError("nothing has been released yet, so there is no figure to explain: run `make run`")
    measures = _measures(conn, what)
    found = _figures(conn, what, measures, _area(area or SCOTLAND), period=period, breakdown=breakdown)
    return {
        "asked": {"what": what, "area": area, "period": period, "breakdown": breakdown},
        "release": {
            "release_id": release.release_id,
            "run_id": release.run_id,
            "made": release.created_at,
            "shown_since": release.released_at,
        },
        "figures": [with_proof(conn, figure) for figure in found],
    }


def with_proof(conn: Connection[Any], figure: Figure) -> Figure:
    """A row of marts.provenance with every step back to the landed cell, and whether each agrees with the last."""
    landed = _row(conn, "ops", "vintage", {"vintage": figure["vintage"]})
    assert landed is not None
    # A server that an earlier revision started, or a vintage that one loaded, knows no headings: then any will do.
    headings = landed.get("headings")
    source = _source(str(figure["source_id"])).as_landed(landed["requested_url"], headings)
    # Where a row of the raw table is one cell of the file, a row of the file is many of them.
    cell_of = source.table.column_of("@cell")
    cell = {cell_of: figure["source_cell"]} if cell_of else {}
    raw = _row(conn, "raw", figure["raw_table"], {"_vintage": figure["vintage"], "_row": figure["raw_row"]} | cell)
    staged = _row(
        conn,
        "staging",
        figure["staging_model"],
        {"vintage": figure["vintage"], "source_row": figure["raw_row"], "source_cell": figure["source_cell"]},
    )
    column = cell_column(source, str(figure["source_cell"]), headings)
    text = _published(source, raw, column)
    checks = [("the raw row is there", raw is not None, f"raw.{figure['raw_table']} _row {figure['raw_row']}")]
    is_withheld_by_us = figure["conf_status"] == "suppressed_by_us" or (
        figure.get("correction_id") and figure["conf_status"] != "free"
    )
    is_rounded = bool(figure.get("is_rounded"))
    if not is_withheld_by_us:
        in_staging = staged["value_published"] if staged else None
        checks += [
            (
                "its cell is what was read",
                _served(text, figure) if is_rounded else text == figure["value_published"],
                f"{column}: {text!r}",
            ),
            ("staging gives the same cell", text is not None and in_staging == text, ""),
            *_file_checks(source, figure, raw, column),
        ]
    if _shares_its_row(conn, figure):
        raw = staged = None
    if is_withheld_by_us or is_rounded:
        # The cell holds what we withhold, or more of the figure than leaves the warehouse.
        raw = staged = None
        checks = [(check, holds, "" if "cell" in check else detail) for check, holds, detail in checks]
    return figure | {
        "chain": [
            *("marts.fct_observation", "intermediate.int_observation_current", "intermediate.int_observation_history"),
            *("intermediate.int_figures", f"staging.{figure['staging_model']}"),
            f"raw.{figure['raw_table']}, vintage {figure['vintage']}, row {figure['raw_row']}",
            f"{folder(str(figure['source_id']), str(figure['snapshot_id'])) / 'content'}, {figure['source_cell']}",
        ],
        "raw": raw,
        "staged": staged,
        "checks": [{"check": check, "holds": holds, "detail": detail} for check, holds, detail in checks],
        "agrees": all(holds for _, holds, _ in checks),
    }


def _published(source: Source, raw: Figure | None, column: str) -> str | None:
    """What the landed row gives in a column: its text, or the reason that stands beside a blank."""
    if raw is None or raw.get(column) is None:
        return None
    text = str(raw[column]).strip()
    beside = source.figures.qualifiers.get(column) if source.figures and not text else None
    reason = str(raw.get(beside) or "").strip() if beside else ""
    return reason if reason in source.reasons else text


def _shares_its_row(conn: Connection[Any], figure: Figure) -> bool:
    """Whether the row of the file holds another figure, which readers do not see as it stands there."""
    row = conn.execute(
        sql.SQL(
            "select exists (select from intermediate.int_figures as figure"
            " left join (select distinct {key} from intermediate.int_observation_history"
            "   where withheld_from is not null or (is_latest and conf_status <> 'free')) as withheld using ({key})"
            " where figure.source_id = %(source_id)s and figure.vintage = %(vintage)s"
            " and figure.source_row = %(raw_row)s and figure.source_cell <> %(source_cell)s"
            " and (withheld.measure_id is not null or figure.served_decimals is not null))"
        ).format(key=sql.SQL(", ").join(map(sql.Identifier, KEY))),
        figure,
    ).fetchone()
    return bool(row and row[0])


def _served(text: str | None, figure: Figure) -> bool:
    """Whether a cell, in the unit of its measure and rounded as the figure is, is the figure."""
    shown = Decimal(figure["obs_value"])
    key = figure["source_id"], figure["series_label"], figure["series_heading"] or ""
    times = next((series.times for _, _, series in framework().series() if series.key == key), None) or 1
    # As PostgreSQL rounds: half a unit away from zero.
    return text is not None and (times * Decimal(text.replace(",", ""))).quantize(shown, ROUND_HALF_UP) == shown


def cell_column(source: Source, source_cell: str, headings: Mapping[str, str] | None = None) -> str:
    """The raw column that holds a figure's cell: the one whose heading the address names, or the cell's own.

    `headings` are those of the file, if known; otherwise it is the column that ever had that heading.
    """
    if source_cell.startswith(LINE):
        heading = source_cell.split(":", 1)[1]
        if headings is None:
            return source.table.column_of(heading) or ""
        return next((column for column, its_own in headings.items() if its_own == heading), "")
    return source.table.column_of("@text") or next(iter(source.table.checks.numbers), "")


def show(what: str, area: str | None, period: str | None, breakdown: str = "total", as_json: bool = False) -> int:
    """Print the explanation; returns 1 when a step does not agree with the one before it."""
    if not database.is_running():
        raise PromiseError("the database is not running; start it with `promise db url`, or everything with `make run`")
    with database.connect() as conn:
        told = explain(conn, what, area, period, breakdown)
    if as_json:
        print(json.dumps(told, indent=2, default=str, ensure_ascii=False))  # noqa: T201
    else:
        console = Console(emoji=False, highlight=False, soft_wrap=True)
        for figure in told["figures"]:
            _print(console, figure, told["release"])
    return 0 if all(figure["agrees"] for figure in told["figures"]) else 1


# ------------------------------------------------------------------------------------------------ what was asked for


def _measures(conn: Connection[Any], what: str) -> list[str]:
    """The measures that are meant, the headline first."""
    known = conn.execute(
        "select measure.measure_id, measure.indicator_id from marts.dim_measure as measure"
        " order by case measure.role when 'headline' then 1 when 'companion' then 2 when 'local' then 3 else 4 end,"
        " measure.display_order, measure.measure_id"
    ).fetchall()
    if any(what == measure for measure, _ in known):
        return [what]
    if meant := [measure for measure, indicator in known if indicator == what]:
        return meant
    words = sorted({word for pair in known for word in pair})
    raise NotFound(f"no indicator or measure {what!r}; {_offer(what, words)}")


def _area(given: str) -> str:
    words = {word.casefold(): area.code for _, area in areas() for word in (*area.names, *area.codes)}
    if code := words.get(given.strip().casefold()):
        return code
    names = [area.name for _, area in areas()] + [area.code for _, area in areas()]
    raise NotFound(f"no area {given!r}; {_offer(given, names)}")


def _figures(
    conn: Connection[Any], what: str, measures: Sequence[str], area: str, *, period: str | None, breakdown: str
) -> list[Figure]:
    with conn.cursor(row_factory=dict_row) as cursor:
        shown = cursor.execute(
            "select * from marts.provenance where measure_id = any(%s) order by period_start desc, breakdown_value",
            (list(measures),),
        ).fetchall()
    if not shown:
        raise NotFound(f"{what} has no figure in the sources that are loaded, for any area; see marts.fct_data_gap")
    here = [row for row in shown if row["area_code"] == area]
    if not here:
        names = {each.code: each.name for _, each in areas()}
        there = [f"{names.get(code, code)} ({code})" for code in dict.fromkeys(row["area_code"] for row in shown)]
        raise NotFound(f"{what} has no figure for {names.get(area, area)}; there is one for {_listed(there)}")
    kind, part = _breakdown(breakdown)
    cut = [row for row in here if row["breakdown_value"] == part and kind in (None, row["breakdown"])]
    if not cut:
        known = sorted({_cut(row) for row in here})
        raise NotFound(f"{what} has no breakdown {breakdown!r} there; {_offer(breakdown, known)}")
    if period is None:  # the latest of the headline, though a measure beside it may have a later one
        period = str(min(cut, key=lambda row: measures.index(str(row["measure_id"])))["period_label"])
    meant = [row for row in cut if _same_period(period, row)]
    if not meant:
        labels = list(dict.fromkeys(str(row["period_label"]) for row in cut))
        raise NotFound(f"{what} has no figure for {period!r} there; {_offer(period, labels)}")
    # An indicator means its headline. Where that has no figure, every measure of it that has one is explained.
    first = [row for row in meant if row["measure_id"] == measures[0]]
    return first or sorted(meant, key=lambda row: measures.index(str(row["measure_id"])))


def _breakdown(given: str) -> tuple[str | None, str]:
    kind, separator, part = given.partition("=")
    return (kind.strip(), part.strip()) if separator else (None, given.strip())


def _cut(row: Figure) -> str:
    return "total" if row["breakdown"] == "total" else f"{row['breakdown']}={row['breakdown_value']}"


def _same_period(given: str, row: Figure) -> bool:
    """As we label it, as the publisher does, or a day on which it begins or ends."""
    word = given.strip().casefold().replace("-", "/")
    labels = (row["period_label"], row["period_published"], row["period_start"], row["period_end"])
    return word in {str(label).casefold().replace("-", "/") for label in labels}


def _offer(given: str, words: Iterable[str]) -> str:
    known = list(words)
    folded = {word.casefold(): word for word in reversed(known)}
    near = difflib.get_close_matches(given.casefold(), folded, n=3, cutoff=0.55)
    near = near or [word for word in folded if given.casefold() in word][:3]
    if near:
        return f"did you mean {' or '.join(folded[word] for word in near)}?"
    return f"there is {_listed(known)}"


def _listed(words: Sequence[str], most: int = 12) -> str:
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return ", ".join(words[:most]) + more


# ------------------------------------------------------------------------------------------------------- the way back


def _source(source_id: str) -> Source:
    """One source's entry alone: reading all of them takes longer than everything else here."""
    return load_yaml(settings().sources / source_id / ENTRY, Source)


def _row(conn: Connection[Any], schema: str, table: str, where: dict[str, Any]) -> Figure | None:
    conditions = sql.SQL(" and ").join(
        sql.SQL("{} = {}").format(sql.Identifier(name), value) for name, value in where.items()
    )
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            sql.SQL("select * from {} where {} limit 1").format(sql.Identifier(schema, table), conditions)
        ).fetchone()


def _file_checks(source: Source, figure: Figure, raw: Figure | None, column: str) -> list[tuple[str, bool, str]]:
    """Whether the landed file is the one in the ledger, and its row is still what was loaded."""
    try:
        snapshot = read_sidecar(source.id, str(figure["snapshot_id"]))
        with snapshot.content.open("rb") as handle:
            digest = hashlib.file_digest(handle, "sha256").hexdigest()
        texts = row_of_file(source, snapshot, int(figure["raw_row"]), str(figure["source_cell"]))
    except (OSError, SourceChanged) as error:
        return [("the landed file can be read", False, str(error))]
    again = dict(zip(source.table.columns, texts or [], strict=False))
    loaded = {name: raw[name] for name in again if name in raw} if raw else {}
    return [
        ("the landed file has the hash in the ledger", digest == figure["snapshot_id"], f"sha256 {digest}"),
        ("its cell, read again, is the same", bool(again) and again == loaded, f"{column}: {again.get(column)!r}"),
    ]


def row_of_file(source: Source, snapshot: Snapshot, number: int, cell: str | None = None) -> list[str | None] | None:
    """The texts of one row of a landed file, read again; None when the file has no such row.

    Where a raw row is one cell of the file, `cell` says which.
    """
    table = source.as_landed(snapshot.requested_url).table
    cell_of = table.column_of("@cell")
    place = list(table.columns).index(cell_of) if cell and cell_of else None
    of_row = takewhile(lambda row: row[0] == number, dropwhile(lambda row: row[0] < number, read(source, snapshot)))
    return next((texts for _, texts in of_row if place is None or texts[place] == cell), None)


# ---------------------------------------------------------------------------------------------------------- in words


def _print(console: Console, figure: Figure, release: dict[str, Any]) -> None:
    names = {each.code: each.name for _, each in areas()}
    cut = "" if figure["breakdown"] == "total" else f", {_cut(figure)}"
    console.print(
        f"[bold]{figure['measure_id']}[/], {names.get(figure['area_code'], figure['area_code'])}, "
        f"{figure['period_label']}{cut}: [bold]{_value(figure)}[/] {figure['unit'].replace('_', ' ')}"
    )
    console.print(f"  shown by     release {release['release_id']}, since {release['shown_since']:%d %B %Y %H:%M} UTC")
    day = _day(figure["published_on"], figure["published_precision"])
    console.print(f"  published    {escape(figure['publication_title'])}, {escape(figure['publisher'])}, {day}")
    if figure["date_basis"] in ("bounded", "held"):
        why = "a later one of its series was out by then" if figure["date_basis"] == "bounded" else "the file was held"
        console.print(f"               certainly out on {figure['known_from']:%d %B %Y}: {why}")
    if figure["date_basis"] == "inferred":
        console.print("               a day that we inferred: the publication itself gives a part of it")
    console.print(f"               {figure['publication_url'] or figure['file_url']}")
    if figure.get("read_from"):  # a release of an earlier revision does not know
        console.print(f"  typed by us  from {escape(figure['read_from'])}{_seen_through(figure)}")
        if figure["read_note"]:
            console.print(f"               noted: {escape(figure['read_note'])}")
    console.print(f"  licence      {escape(figure['licence'])}")
    console.print(f"  what was done {escape(figure['what_was_done'])}")
    console.print("  the way back")
    for step in figure["chain"]:
        console.print(f"    {escape(step)}")
    for check in figure["checks"]:
        sign = "[green]holds[/]" if check["holds"] else "[bold red]does not hold[/]"
        console.print(f"    {sign}: {check['check']}" + (f" ({escape(check['detail'])})" if check["detail"] else ""))
    if figure["earlier"]:
        console.print("  before")
        for each in figure["earlier"]:
            ours = " as printed, corrected since" if each["publication_id"] == figure["publication_id"] else ""
            console.print(f"    {_value(each)} in {each['publication_id']}, out by {each['known_from']}{ours}")
    else:
        console.print("  before       nothing else was ever published for it, as far as is loaded")


def _seen_through(figure: Figure) -> str:
    return f", which quotes its publisher: seen through {figure['seen_through']}" if figure["seen_through"] else ""


def _value(figure: Figure) -> str:
    if figure["obs_value"] is not None:
        return str(figure["obs_value"])
    return figure["conf_status"] if figure["conf_status"] != "free" else figure["obs_status"]  # type: ignore[no-any-return]


def _day(published_on: Any, precision: str) -> str:
    shapes = {"day": "%d %B %Y", "month": "%B %Y", "year": "%Y"}
    return f"{published_on:{shapes[precision]}}" if precision in shapes else "on a day that is not known"
