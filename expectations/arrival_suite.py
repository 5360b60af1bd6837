"""What must hold of a landed file, as expectations: a function of the source's entry in the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from expectations.gx import say
from ingestion.load import partition_name
from promise.catalogue.sources import Source
from promise.vocabulary import sql as values
from promise.vocabulary.area_list import areas
from promise.vocabulary.areas import AREA_ADDRESS
from promise.vocabulary.period_forms import vocabulary

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

ROW = "_row"
AREA = "_area_code"
KEPT = "_area_that_should_be_known"
CONFLICT = "_differs_from_row"
REPEAT = "_repeats_row"
BEGINS = "_period_begins"
ENDED = "_code_ended_on"
ENOUGH = 200  # characters of a cell: no name, number or marker is longer, a geometry is


def number_of(column: str) -> str:
    """The helper column that is null where a cell cannot be read as a number."""
    return f"_number__{column}"


def address(source: Source) -> list[str]:
    """The columns that a sample shows: where the row stands, what it is about, what was read as a number."""
    checks = source.table.checks
    area = [checks.area.column, AREA] if checks.area else []
    period = [checks.period.column] if checks.period else []
    ended = [ENDED] if checks.area and checks.period else []
    cell = filter(None, [source.table.column_of("@cell")])
    return list(dict.fromkeys([ROW, *cell, *checks.key, *area, *period, *checks.numbers, *ended, CONFLICT, REPEAT]))


def query(source: Source, vintage: int) -> str:
    """The rows of one vintage as staging will see them: cells trimmed, an empty one null, and what the checks need.

    PostgreSQL leaves out the helpers that an expectation does not read, so each costs only where it is used.
    """
    checks = source.table.checks
    columns = list(source.table.columns)
    names = [sql.Identifier(column) for column in columns]
    cells = [sql.SQL("{} as {}").format(_cell(column), sql.Identifier(column)) for column in columns]
    numbers = [
        sql.SQL("{} as {}").format(sql.SQL(values.number(f'"{column}"')), sql.Identifier(number_of(column)))
        for column in checks.numbers
    ]
    key = sql.SQL(", ").join(sql.Identifier(column) for column in checks.key)
    content = sql.SQL("md5(concat_ws(chr(31), {}))").format(
        sql.SQL(", ").join(sql.SQL("coalesce(trim({}), '')").format(name) for name in names)
    )
    inner = sql.SQL("select {}, {} as _content from {}").format(
        sql.SQL(", ").join([sql.Identifier(ROW), *cells, *numbers]),
        content,
        sql.Identifier("raw", partition_name(source, vintage)),
    )
    twins = sql.SQL(
        "select *, first_value(_row) over twin as _first_row, first_value(_content) over twin as _first_content"
        " from ({}) as cell window twin as (partition by {} order by _row)"
    ).format(inner, key)
    words = sql.SQL(", ").join(
        sql.SQL("({}, {}, {}::date)").format(sql.Literal(word), sql.Literal(area.code), sql.Literal(area.ended(word)))
        for _, area in areas()
        for word in (area.names if checks.area and checks.area.by == "name" else area.codes)
    )
    return (
        sql.SQL(
            "with period as materialized ({periods})"
            " select twin.*, known.code as {area}, {kept_area} as {kept}, period.begins as {begins},"
            " case when known.until < period.begins then known.until end as {ended},"
            " case when _content != _first_content then _first_row end as {conflict},"
            " case when _content = _first_content and _row != _first_row then _first_row end as {repeat}"
            " from ({twins}) as twin left join period on period.said = {said}"
            " left join (values {words}) as known (word, code, until) on known.word = {known}"
        )
        .format(
            area=sql.Identifier(AREA),
            kept=sql.Identifier(KEPT),
            kept_area=_kept(source),
            begins=sql.Identifier(BEGINS),
            ended=sql.Identifier(ENDED),
            conflict=sql.Identifier(CONFLICT),
            repeat=sql.Identifier(REPEAT),
            periods=_periods_said(source, vintage),
            said=sql.Identifier("twin", checks.period.column) if checks.period else sql.SQL("null"),
            twins=twins,
            words=words,
            known=_named(source),
        )
        .as_string()
    )


def _periods_said(source: Source, vintage: int) -> sql.Composable:
    """Each period text of a vintage once, with its first day: a file names a few periods many times."""
    period = source.table.checks.period
    if period is None:
        return sql.SQL("select null::text as said, null::date as begins where false")
    return sql.SQL(
        "select said, {begins} as begins from (select distinct {cell} as said from {table}) as each"
        " where said is not null"
    ).format(
        begins=sql.SQL(values.period(period.style, "said", "start")),  # type: ignore[arg-type]
        cell=_cell(period.column),
        table=sql.Identifier("raw", partition_name(source, vintage)),
    )


def _cell(column: str) -> sql.Composable:
    """A cell as staging sees it: trimmed, and null when nothing is left."""
    return sql.SQL("left(nullif(trim({}), ''), {})").format(sql.Identifier(column), sql.Literal(ENOUGH))


def _named(source: Source) -> sql.Composable:
    """What a row calls its area: a name, or a code, which statistics.gov.scot gives as the end of an address."""
    area = source.table.checks.area
    if area is None:
        return sql.SQL("null::text")
    column = sql.Identifier("twin", area.column)
    if area.by == "name":
        return column
    return sql.SQL("regexp_replace({}, {}, '')").format(column, sql.Literal(AREA_ADDRESS))


def _kept(source: Source) -> sql.Composable:
    """What a row calls its area, null for one that the source declares to be outside of those that we keep."""
    outside = source.table.checks.area.outside if source.table.checks.area else ()
    beginnings = sql.SQL("array[{}]::text[]").format(sql.SQL(", ").join(sql.Literal(f"{each}%") for each in outside))
    return sql.SQL("case when {area} like any ({beginnings}) then null else {area} end").format(
        area=_named(source), beginnings=beginnings
    )


def suite(source: Source, rows_before: int | None) -> list[Expectation]:
    """The expectations, the most telling first. `rows_before` is the size of the accepted vintage before, if any."""
    import great_expectations.expectations as gxe

    checks = source.table.checks
    found: list[Expectation] = [
        gxe.ExpectTableRowCountToBeBetween(
            min_value=checks.at_least_rows,
            severity="critical",
            meta=say(
                "a file that lost rows was cut short or replaced by another",
                f"at least {checks.at_least_rows} rows",
                "fetch it again; if the publisher now publishes less, lower `at_least_rows` in "
                f"ingestion/sources/{source.id}/source.yml",
            ),
        )
    ]
    found += [_not_blank(source, column) for column in checks.not_null]
    found += [_number_or_marker(source, column) for column in checks.numbers]
    found += _areas(source)
    found += _periods(source)
    if checks.key:
        found += _key(source)
    if rows_before is not None:
        found.append(
            gxe.ExpectTableRowCountToBeBetween(
                min_value=rows_before,
                severity="warning",
                meta=say(
                    "coverage may grow, it does not shrink without a reason",
                    f"at least the {rows_before} rows of the vintage before",
                    "find out from the publisher what is no longer published",
                ),
            )
        )
    return found


def _not_blank(source: Source, column: str) -> Expectation:
    import great_expectations.expectations as gxe

    return gxe.ExpectColumnValuesToNotBeNull(
        column=column,
        severity="critical",
        meta=say(
            "a row without it cannot be placed",
            "a cell that is filled",
            "look at the publisher's file; if it may be empty, take the column out of `not_null` in "
            f"ingestion/sources/{source.id}/source.yml",
            heading=heading(source, column),
        ),
    )


def _number_or_marker(source: Source, column: str) -> Expectation:
    import great_expectations.expectations as gxe
    from great_expectations.expectations.row_conditions import Column

    cell = Column(column)
    markers = [marker for marker in source.markers if marker]
    declared = ", ".join(map(repr, source.markers)) or "none"
    must_be_a_number = cell.is_not_in(markers) if markers else cell.is_not_null()
    # An empty cell would be a null that nothing explains, so it must be declared like any other word. Where the
    # column may not be blank at all, that is another expectation's to say.
    if "" not in source.markers and column not in source.table.checks.not_null:
        must_be_a_number = must_be_a_number | cell.is_null()
    return gxe.ExpectColumnValuesToNotBeNull(
        column=number_of(column),
        row_condition=must_be_a_number,
        severity="critical",
        meta=say(
            "a cell that is neither a number nor a declared word would become a null that nothing explains",
            f"a number or one of the declared markers: {declared}",
            f"if it says why there is no figure, declare it under `markers` in "
            f"ingestion/sources/{source.id}/source.yml; "
            "if it is a number, teach ingestion/vocabulary/numbers.yml to read it",
            column=column,
            heading=heading(source, column),
        ),
    )


def _areas(source: Source) -> list[Expectation]:
    import great_expectations.expectations as gxe
    from great_expectations.expectations.row_conditions import Column

    checks = source.table.checks
    if checks.area is None:
        return []
    by_name = checks.area.by == "name"
    column = checks.area.column
    found: list[Expectation] = [
        gxe.ExpectColumnValuesToNotBeNull(
            column=AREA,
            row_condition=Column(KEPT).is_not_null(),
            severity="critical",
            meta=say(
                "a figure for a place that nobody knows would be dropped or put in the wrong place",
                "the name of a known area, in a known spelling" if by_name else "the code of a known area",
                "if it is another spelling of a known area, add it to `aliases` in ingestion/vocabulary/areas.yml"
                if by_name
                else "if a known area got a new code, put that in ingestion/vocabulary/areas.yml and the old one "
                "under `earlier_codes`; if it is of a kind that we do not keep, say how such codes begin under `area: "
                f"outside` in ingestion/sources/{source.id}/source.yml",
                column=column,
                heading=heading(source, column),
            ),
        )
    ]
    if checks.distinct_areas is not None:
        found.append(
            gxe.ExpectColumnUniqueValueCountToBeBetween(
                column=AREA,
                min_value=checks.distinct_areas,
                max_value=checks.distinct_areas,
                severity="critical",
                meta=say(
                    "a council that is missing from the file would be missing from every map",
                    f"{checks.distinct_areas} areas",
                    "compare with the file before; if the publisher changed its coverage, correct `distinct_areas` in "
                    f"ingestion/sources/{source.id}/source.yml",
                    column=column,
                    heading=heading(source, column),
                ),
            )
        )
    return found


def _periods(source: Source) -> list[Expectation]:
    import great_expectations.expectations as gxe
    from great_expectations.expectations.row_conditions import Column

    checks = source.table.checks
    if checks.period is None:
        return []
    column, style = checks.period.column, checks.period.style
    example = next(iter(vocabulary().of_style(style)[0].examples))
    found: list[Expectation] = [
        gxe.ExpectColumnValuesToNotBeNull(
            column=BEGINS,
            row_condition=Column(column).is_not_null(),
            severity="critical",
            meta=say(
                "a figure of a period that cannot be has no place in time",
                f"a period in the style {style}, such as {example}",
                "look at the cell and ask the publisher; if periods are written so now, correct `period` in "
                f"ingestion/sources/{source.id}/source.yml or describe the form in ingestion/vocabulary/periods.yml",
                column=column,
                heading=heading(source, column),
            ),
        )
    ]
    if checks.area is not None:
        found.append(
            gxe.ExpectColumnValuesToBeNull(
                column=ENDED,
                severity="critical",
                meta=say(
                    "a code that had ended by then may stand for the area as it was, or be a slip for another",
                    "a code that was in force when the row's period began",
                    "ask the publisher which area is meant; `until` of an earlier code is in "
                    "ingestion/vocabulary/areas.yml",
                    column=checks.area.column,
                    heading=heading(source, checks.area.column),
                ),
            )
        )
    return found


def _key(source: Source) -> list[Expectation]:
    import great_expectations.expectations as gxe

    key = ", ".join(source.table.checks.key)
    said = " and ".join(heading(source, column) for column in source.table.checks.key)
    return [
        gxe.ExpectColumnValuesToBeNull(
            column=CONFLICT,
            severity="critical",
            meta=say(
                "two rows that say different things of one thing leave it open which is right",
                f"one row for each {said}",
                "ask the publisher which row is right; if both are, they differ in something that belongs to `key` in "
                f"ingestion/sources/{source.id}/source.yml",
                column=key,
            ),
        ),
        gxe.ExpectColumnValuesToBeNull(
            column=REPEAT,
            severity="warning",
            meta=say(
                "a row that is given twice does no harm but is no habit of a well made file",
                f"one row for each {said}",
                "tell the publisher",
                column=key,
            ),
        ),
    ]


def heading(source: Source, column: str) -> str:
    """The publisher's own word for a column of ours."""
    return source.table.newest[column]
