"""A landed file as the arrival gate looks at it: areas, periods and numbers resolved first, beside the edition before.

Five temporary tables, which end with the transaction:

* `judged`: the rows, cells trimmed, an empty one null; what each names and means; which row says the same thing first;
* `pair`: each number that both editions give, under one resolved key, as it is now and as it was;
* `series`: the series of the edition before, and whether they are here;
* `place`: the areas that there should be, and whether the newest period has them;
* `file`: one row of counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, combinations

from psycopg import Connection, sql

from promise.catalogue.sources import Source
from promise.vocabulary import sql as values
from promise.vocabulary.area_list import areas
from promise.vocabulary.areas import AREA_ADDRESS, fold, spellings

ROW = "_row"
AREA = "_area_code"
KEPT = "_area_that_should_be_known"
CONFLICT = "_differs_from_row"
REPEAT = "_repeats_row"
BEGINS = "_period_begins"
ENDS = "_period_ends"
ENDED = "_code_ended_on"
LABEL = "_series_label"
HEADING = "_series_heading"
KEY = "_key"
ENOUGH = 200  # characters of a cell: no name, number or marker is longer, a geometry is
TABLES = ("judged", "pair", "series", "place", "file")
Text = sql.SQL | sql.Composed


def number_of(column: str) -> str:
    """The helper column that is null where a cell cannot be read as a number."""
    return f"_number__{column}"


def numbers_of(source: Source) -> tuple[str, ...]:
    """The columns whose cells are read as numbers: those that must be, and those that stand beside a figure."""
    figures = source.figures
    beside = (
        (*figures.value, figures.numerator, figures.denominator, figures.lci_95, figures.uci_95)
        if figures and not figures.by_hand
        else ()
    )
    return tuple(dict.fromkeys([*source.table.checks.numbers, *(each for each in beside if each)]))


def figures_of(source: Source) -> tuple[str, ...]:
    """Of these, the ones that say how much there is of what the key names."""
    return tuple(column for column in numbers_of(source) if column not in source.table.checks.key)


def lay_out(conn: Connection[tuple[object, ...]], source: Source, partition: str, before: str | None) -> None:
    """Make the five tables for a partition of `raw`, in the caller's transaction. `before` is the earlier edition's.

    The two have the columns of `source`; which heading they came under is not looked at here.
    """
    for table in (*TABLES, "earlier"):
        conn.execute(f"drop table if exists pg_temp.{table}".encode())
    conn.execute(sql.SQL("create temporary table judged on commit drop as {}").format(_rows(source, partition)))
    if before:
        conn.execute(sql.SQL("create temporary table earlier on commit drop as {}").format(_rows(source, before)))
        conn.execute("analyze judged")
        conn.execute("analyze earlier")
    conn.execute(sql.SQL("create temporary table pair on commit drop as {}").format(_pairs(source, before)))
    conn.execute(sql.SQL("create temporary table series on commit drop as {}").format(_series(before)))
    conn.execute(sql.SQL("create temporary table place on commit drop as {}").format(_places(source)))
    conn.execute(sql.SQL("create temporary table file on commit drop as {}").format(_counts(before)))


# -------------------------------------------------------------------------------------------------------- the rows


def _rows(source: Source, partition: str) -> Text:
    columns = [sql.SQL("{} as {}").format(_cell(each), sql.Identifier(each)) for each in source.table.columns]
    numbers = [
        sql.SQL("{} as {}").format(sql.SQL(values.number(_name(each))), sql.Identifier(number_of(each)))
        for each in numbers_of(source)
    ]
    table = sql.Identifier("raw", partition)
    return sql.SQL(
        "with period as materialized ({periods}), area as materialized ({areas}),"
        " cell as materialized (select trimmed.*, {numbers}"
        " area.code as {area}, case when not area.is_outside then area.said end as {kept},"
        " period.begins as {begins}, period.ends as {ends},"
        " case when area.until < period.begins then area.until end as {ended},"
        " {label} as {series_label}, {heading} as {series_heading}, {key} as {key_name}"
        " from (select {row}, {columns} from {table}) as trimmed"
        " left join area on area.said = {said_area} left join period on period.said = {said_period}),"
        # A row of a cross-tab is many cells with one number, so the key says which of them is meant.
        " twin as materialized (select later.{row}, {later_key}, first.{row} as first_row, {differs} as differs"
        " from (select {key_name}, min({row}) as first_row from cell group by {key_name} having count(*) > 1) as twins"
        " inner join cell as first on first.{row} = twins.first_row and first.{key_name} = twins.{key_name}"
        " inner join cell as later on later.{key_name} = twins.{key_name} and later.{row} <> twins.first_row)"
        " select cell.*, case when differs then first_row end as {conflict},"
        " case when not differs then first_row end as {repeat} from cell left join twin using ({row}, {key_name})"
    ).format(
        periods=_periods(source, table),
        areas=_areas(source, table),
        numbers=sql.SQL("").join(sql.SQL("{}, ").format(each) for each in numbers),
        area=sql.Identifier(AREA),
        kept=sql.Identifier(KEPT),
        begins=sql.Identifier(BEGINS),
        ends=sql.Identifier(ENDS),
        ended=sql.Identifier(ENDED),
        label=_label(source),
        series_label=sql.Identifier(LABEL),
        heading=_heading(source),
        series_heading=sql.Identifier(HEADING),
        key=_key(source),
        key_name=sql.Identifier(KEY),
        later_key=sql.Identifier("later", KEY),
        row=sql.Identifier(ROW),
        columns=sql.SQL(", ").join(columns),
        table=table,
        said_area=_area_said(source),
        said_period=_column(source.table.checks.period.column) if source.table.checks.period else sql.SQL("null"),
        differs=_differs(source),
        conflict=sql.Identifier(CONFLICT),
        repeat=sql.Identifier(REPEAT),
    )


def _cell(column: str) -> Text:
    name = sql.Identifier(column)
    return sql.SQL("case when octet_length({0}) <= {1} then {2} else left({2}, {1}) end").format(
        name, sql.Literal(ENOUGH), sql.SQL(f"nullif({values.without_space(_name(column))}, '')")
    )


def _periods(source: Source, table: sql.Identifier) -> Text:
    """Each period text once, with its days: a file names a few periods many times."""
    period = source.table.checks.period
    if period is None:
        return sql.SQL("select null::text as said, null::date as begins, null::date as ends where false")
    return sql.SQL(
        "select said, {begins} as begins, {ends} as ends"
        " from (select distinct {cell} as said from {table}) as each where said is not null"
    ).format(
        begins=sql.SQL(values.period(period.style, "said", "start")),
        ends=sql.SQL(values.period(period.style, "said", "end")),
        cell=_cell(period.column),
        table=table,
    )


def _areas(source: Source, table: sql.Identifier) -> Text:
    """Each text for an area once, with the area that it names and the last day of an earlier code."""
    area = source.table.checks.area
    if area is None:
        return sql.SQL("select null::text as said, null::text as code, null::date as until, false as is_outside")
    beginnings = sql.SQL("array[{}]::text[]").format(
        sql.SQL(", ").join(sql.Literal(f"{each}%") for each in area.outside)
    )
    words = sql.SQL(", ").join(
        sql.SQL("({}, {}, {}::date)").format(sql.Literal(word), sql.Literal(code), sql.Literal(until))
        for word, code, until in _words(by_name=area.by == "name")
    )
    return sql.SQL(
        # Another spelling of an area may be declared outside: "All local authorities", where "Scotland" stands too.
        "select said, case when not said like any ({outside}) then known.code end as code, known.until,"
        " said like any ({outside}) as is_outside"
        " from (select distinct {said} as said from (select {cell} as {name} from {table}) as trimmed) as each"
        " left join (values {words}) as known (word, code, until) on known.word = {folded} where said is not null"
    ).format(
        outside=beginnings,
        said=_area_said(source),
        cell=_cell(area.column),
        name=sql.Identifier(area.column),
        table=table,
        words=words,
        folded=sql.SQL(values.folded_area("said")),
    )


def _words(*, by_name: bool) -> Iterator[tuple[str, str, str | None]]:
    """Every folded spelling that names one area, its current code, and the last day of an earlier code."""
    ended = {fold(word): area.ended(word) for _, area in areas() for word in area.codes}
    wanted = {fold(word) for _, area in areas() for word in (area.names if by_name else area.codes)}
    for word, code in spellings().items():
        if word in wanted:
            last_day = ended.get(word)
            yield word, code, last_day.isoformat() if last_day else None


def _area_said(source: Source) -> Text:
    """What a row calls its area: a name, or a code, which statistics.gov.scot gives as the end of an address."""
    area = source.table.checks.area
    if area is None:
        return sql.SQL("null::text")
    if area.by == "name":
        return _column(area.column)
    return _without(area.column, AREA_ADDRESS)


def _label(source: Source) -> Text:
    figures = source.figures
    if figures is None or figures.by_hand:
        return sql.SQL("null::text")
    if figures.label is None:
        return sql.Literal(figures.called or source.table.newest[figures.value[0]]) + sql.SQL("::text")
    return _without_address(figures.label)


def _heading(source: Source) -> Text:
    figures = source.figures
    return _without_address(figures.heading) if figures and figures.heading else sql.SQL("''::text")


def _without_address(column: str) -> Text:
    return _without(column, "^https?://.*/")


def _without(column: str, beginning: str) -> Text:
    """A cell without the beginning of an address; most are none, and then no pattern is tried."""
    return sql.SQL("case when {0} like 'http%' then regexp_replace({0}, {1}, '') else {0} end").format(
        _column(column), sql.Literal(beginning)
    )


def _key(source: Source) -> Text:
    """What a row is about, so that two spellings of one thing are one. A list of codes or names is about its words."""
    checks = source.table.checks
    if not checks.key:
        return sql.SQL("trimmed.{}::text").format(sql.Identifier(ROW))
    parts: list[Text] = []
    for column in checks.key:
        cell = _column(column)
        if source.figures is None:
            meant: Text = cell
        elif checks.area and column == checks.area.column:
            meant = sql.SQL("coalesce(area.code, {})").format(cell)
        elif checks.period and column == checks.period.column:
            meant = sql.SQL("coalesce(period.begins::text || period.ends::text, {})").format(cell)
        elif column in checks.numbers:
            number = sql.SQL(values.number(_name(column)))
            meant = sql.SQL("coalesce(trim_scale({})::text, {})").format(number, cell)
        else:
            meant = cell
        parts.append(sql.SQL("coalesce({}, '')").format(meant))
    key = sql.SQL("concat_ws(chr(31), {})").format(sql.SQL(", ").join(parts)).as_string()
    return sql.SQL(f"md5({values.folded(key) if source.figures else key})::uuid")


def _differs(source: Source) -> Text:
    """Whether two rows about one thing say different things of it. Where they spell it alike, every cell counts; where
    they do not, a name that stands beside may be spelled differently too, and what is said are the numbers."""
    checks = source.table.checks
    said = [number_of(each) for each in figures_of(source)] if source.figures else []
    markers = [each for each in figures_of(source) if source.figures]
    different: list[Text] = [
        *(sql.SQL("first.{0} is distinct from later.{0}").format(sql.Identifier(each)) for each in said),
        # A marker is no number; of two numbers the value counts, not how it is printed.
        *(
            sql.SQL("(first.{1} is null and first.{0} is distinct from later.{0})").format(
                sql.Identifier(each), sql.Identifier(number_of(each))
            )
            for each in markers
        ),
    ]
    # Two cells never stand at one address.
    beside = {*checks.key, *markers, source.table.column_of("@cell")}
    others = [each for each in source.table.columns if each not in beside]
    if others and checks.key:
        alike = [
            sql.SQL("first.{0} is not distinct from later.{0}").format(sql.Identifier(each)) for each in checks.key
        ]
        texts = [sql.SQL("first.{0} is distinct from later.{0}").format(sql.Identifier(each)) for each in others]
        different.append(sql.SQL("({} and ({}))").format(sql.SQL(" and ").join(alike), sql.SQL(" or ").join(texts)))
    return sql.SQL("({})").format(sql.SQL(" or ").join(different or [sql.SQL("false")]))


def _column(column: str) -> Text:
    return sql.SQL("trimmed.{}").format(sql.Identifier(column))


def _name(column: str) -> str:
    return sql.Identifier(column).as_string()


# ------------------------------------------------------------------------------------------ beside the edition before


def _pairs(source: Source, before: str | None) -> Text:
    """Numbers that both editions give, each with its row and its column."""
    columns = figures_of(source)
    if before is None or not columns or source.figures is None:
        return sql.SQL("select null::bigint as _row, null::text as column_name, null::numeric as now,"
                       " null::numeric as earlier where false")  # fmt: skip
    each = sql.SQL(", ").join(
        sql.SQL("({}, judged.{}, earlier.{})").format(
            sql.Literal(column), sql.Identifier(number_of(column)), sql.Identifier(number_of(column))
        )
        for column in columns
    )
    return sql.SQL(
        "select judged.*, cell.column_name, cell.now, cell.earlier from judged inner join earlier"
        " on earlier.{key} = judged.{key} cross join lateral (values {each}) as cell (column_name, now, earlier)"
        " where judged.{conflict} is null and judged.{repeat} is null and earlier.{conflict} is null"
        " and earlier.{repeat} is null and cell.now is not null and cell.earlier is not null"
    ).format(each=each, key=sql.Identifier(KEY), conflict=sql.Identifier(CONFLICT), repeat=sql.Identifier(REPEAT))


def _series(before: str | None) -> Text:
    """Each series of the edition before: whether it is here, and whether its label is, under another heading."""
    if before is None:
        return sql.SQL("select null::text as label, null::text as heading, false as is_here, null::text as heading_now"
                       " where false")  # fmt: skip
    return sql.SQL(
        "with now as (select distinct {label} as label, {heading} as heading from judged),"
        " earlier_series as (select distinct {label} as label, {heading} as heading from earlier"
        " where {label} is not null)"
        " select before.label, before.heading, same.label is not null as is_here,"
        " (select min(now.heading) from now where now.label = before.label and not exists (select from earlier_series"
        " as other where other.label = now.label and other.heading = now.heading)) as heading_now"
        " from earlier_series as before left join now as same"
        " on same.label = before.label and same.heading is not distinct from before.heading"
    ).format(label=sql.Identifier(LABEL), heading=sql.Identifier(HEADING))


def _places(source: Source) -> Text:
    """Each area that the file should give, whether it does, and whether the newest period has it."""
    checks = source.table.checks
    expected = [each for each in _expected(checks.distinct_areas or 0) if each[0] not in checks.absent]
    if not checks.area or not expected:
        return sql.SQL("select null::text as area_code, null::text as area_name, false as is_here,"
                       " false as is_given, null::text as period where false")  # fmt: skip
    newest = (
        sql.SQL(" where {begins} = (select max({begins}) from judged)").format(begins=sql.Identifier(BEGINS))
        if checks.period
        else sql.SQL("")
    )
    return sql.SQL(
        "select expected.area_code, expected.area_name, here.{area} is not null as is_here,"
        " exists (select from judged where {area} = expected.area_code) as is_given,"
        " (select min({said}) from judged{newest}) as period"
        " from (values {expected}) as expected (area_code, area_name)"
        " left join (select distinct {area} from judged{newest}) as here on here.{area} = expected.area_code"
    ).format(
        area=sql.Identifier(AREA),
        said=sql.Identifier(checks.period.column) if checks.period else sql.SQL("null::text"),
        newest=newest,
        expected=sql.SQL(", ").join(
            sql.SQL("({}, {})").format(sql.Literal(code), sql.Literal(name)) for code, name in expected
        ),
    )


def _expected(count: int) -> tuple[tuple[str, str], ...]:
    """The areas that are so many: of the kinds of areas that there are, those whose numbers add up to it, if any do."""
    kinds = [areas().country, areas().councils, areas().health_boards]
    for several in chain.from_iterable(combinations(kinds, size) for size in range(1, len(kinds) + 1)):
        if sum(map(len, several)) == count:
            return tuple((area.code, area.name) for kind in several for area in kind)
    return ()


def _counts(before: str | None) -> Text:
    return sql.SQL(
        "select count(*) as rows, count(distinct {area}) as areas, {rows_before}::bigint as rows_before,"
        " {rows_kept}::bigint as rows_kept,"
        " (select string_agg(area_name, ', ' order by area_name) from place where not is_given) as absent from judged"
    ).format(
        area=sql.Identifier(AREA),
        rows_before=sql.SQL("(select count(*) from earlier)") if before else sql.SQL("null"),
        rows_kept=sql.SQL("(select count(*) from earlier where {0} in (select {0} from judged))").format(
            sql.Identifier(KEY)
        )
        if before
        else sql.SQL("null"),
    )
