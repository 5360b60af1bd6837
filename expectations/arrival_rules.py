"""What must hold of a landed file: rules as a function of the source's entry in the catalogue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from psycopg import sql

from expectations.arrival_rows import (
    AREA,
    BEGINS,
    CONFLICT,
    ENDED,
    HEADING,
    KEPT,
    LABEL,
    REPEAT,
    figures_of,
    number_of,
)
from expectations.rules import EVERY, Rule
from expectations.verdicts import Severity
from promise.catalogue.changes import Kind, Weight, changes
from promise.catalogue.framework import framework
from promise.catalogue.sources import Source
from promise.vocabulary.period_forms import vocabulary

SEVERITIES: dict[Weight, Severity] = {"stop": "critical", "hold": "hold", "note": "warning"}


def rules(source: Source, shares: tuple[float, ...] = ()) -> list[Rule]:
    """Every rule for a file of the source, the most telling first.

    `shares` are those of the figures that each edition before changed of the one before it, as far as they are known.
    """
    return [
        _rows(source),
        *(_not_blank(source, column) for column in source.table.checks.not_null),
        *_publication(source),
        *(_number_or_marker(source, column) for column in source.table.checks.numbers),
        *(
            _known_qualifier(source, column)
            for column in (source.figures.qualifiers.values() if source.figures else ())
        ),
        *_areas(source),
        *_periods(source),
        *(_key(source) if source.table.checks.key else ()),
        *_figures(source),
        *_beside_the_edition_before(source, shares),
    ]


def heading(source: Source, column: str) -> str:
    """The publisher's own word for a column of ours."""
    return source.table.newest[column]


def _name(column: str) -> str:
    return sql.Identifier(column).as_string()


def _yaml(source: Source) -> str:
    return f"ingestion/sources/{source.id}/source.yml"


def _of_a_cell(
    source: Source,
    rule: str,
    column: str,
    *,
    fault: str,
    why: str,
    expected: str,
    remedy: str,
    asked: str = EVERY,
    needs_rows: bool = True,
) -> Rule:
    """A rule that a cell of the column breaks, and that nobody can accept."""
    return Rule(
        id=rule,
        relation="judged",
        severity="critical",
        column=column,
        heading=heading(source, column),
        asked=asked,
        fault=fault,
        needs_rows=needs_rows,
        why=why,
        expected=expected,
        remedy=remedy,
    )


def _rows(source: Source) -> Rule:
    least = source.table.checks.at_least_rows
    return Rule(
        id="enough_rows",
        relation="file",
        severity="critical",
        fault=f"rows < {least}",
        observed="max(rows) || ' rows'",
        why="a file that lost rows was cut short or replaced by another",
        expected=f"at least {least} rows",
        remedy="fetch it again; if the publisher now publishes less, lower `at_least_rows` in " + _yaml(source),
    )


def _not_blank(source: Source, column: str) -> Rule:
    return _of_a_cell(
        source,
        "filled",
        column,
        fault=f"{_name(column)} is null",
        why="a row without it cannot be placed",
        expected="a cell that is filled",
        remedy="look at the publisher's file; if it may be empty, take the column out of `not_null` in "
        + _yaml(source),
    )


def _publication(source: Source) -> Iterator[Rule]:
    """A row that names no publication is of its file's, where that is of one."""
    column = source.figures.publication if source.figures else None
    of_one = any(each.publication for each in source.bundle) or (source.live and source.live.publication_series)
    if column and not of_one and column not in source.table.checks.not_null:
        yield _of_a_cell(
            source,
            "names_its_publication",
            column,
            fault=f"{_name(column)} is null",
            why="a figure of no publication has no day on which it became known, and is in no mart",
            expected="the id of a publication, since the file as a whole is of none",
            remedy="fill it in; what a file as a whole is of stands under `bundle: publication` in " + _yaml(source),
        )


def _number_or_marker(source: Source, column: str) -> Rule:
    cell = _name(column)
    markers = sql.SQL(", ").join(sql.Literal(marker) for marker in source.markers if marker).as_string()
    # An empty cell would be a null that nothing explains, so it must be declared like any other word. Where the
    # column may not be blank at all, that is another rule's to say.
    blank_is_asked = "" not in source.markers and column not in source.table.checks.not_null
    asked = f"{cell} not in ({markers})" if markers else f"{cell} is not null"
    return _of_a_cell(
        source,
        "number_or_marker",
        column,
        asked=f"({asked}) or {cell} is null" if blank_is_asked else asked,
        fault=f"{_name(number_of(column))} is null",
        why="a cell that is neither a number nor a declared word would become a null that nothing explains",
        # Beside a figure stands nothing but words, or nothing at all.
        needs_rows=source.figures is None or column not in source.figures.qualifiers.values(),
        expected=f"a number or one of the declared markers: {', '.join(map(repr, source.markers)) or 'none'}",
        remedy=f"if it says why there is no figure, declare it under `markers` in {_yaml(source)}; if it is a number, "
        "teach ingestion/vocabulary/numbers.yml to read it",
    )


def _known_qualifier(source: Source, column: str) -> Rule:
    described = sql.SQL(", ").join(sql.Literal(marker) for marker in source.markers).as_string() or "null"
    return _of_a_cell(
        source,
        "known_qualifier",
        column,
        fault=f"{_name(column)} not in ({described})",
        needs_rows=False,  # a file in which nothing has to be said of any figure is a good one
        why="a figure of which its publisher says something that nobody has read would pass as a plain one",
        expected=f"one of the declared markers: {', '.join(map(repr, source.markers)) or 'none'}",
        remedy=f"say under `markers` in {_yaml(source)} what it means; of several together too, as they stand there",
    )


def _areas(source: Source) -> Iterator[Rule]:
    checks = source.table.checks
    if checks.area is None:
        return
    by_name = checks.area.by == "name"
    column = checks.area.column
    yield _of_a_cell(
        source,
        "known_area",
        column,
        asked=f"{KEPT} is not null",
        fault=f"{AREA} is null",
        why="a figure for a place that nobody knows would be dropped or put in the wrong place",
        expected="the name of a known area, in a known spelling" if by_name else "the code of a known area",
        remedy="if it is another spelling of a known area, add it to `aliases` in ingestion/vocabulary/areas.yml"
        if by_name
        else "if a known area got a new code, put that in ingestion/vocabulary/areas.yml and the old one under "
        "`earlier_codes`; if it is of a kind that we do not keep, say how such codes begin under `area: outside` in "
        + _yaml(source),
    )
    if checks.distinct_areas is None:
        return
    said = sql.Literal(repr(heading(source, column)))
    yield Rule(
        id="number_of_areas",
        relation="file",
        severity="critical",
        column=column,
        heading=heading(source, column),
        fault=f"areas <> {checks.distinct_areas}",
        observed=f"max(areas) || ' different areas under ' || {said.as_string()}"
        " || coalesce(', without ' || max(absent), '')",
        why="a council that is missing from the file would be missing from every map",
        expected=f"{checks.distinct_areas} areas",
        remedy="compare with the file before; if the publisher changed its coverage, correct `distinct_areas` in "
        + _yaml(source),
    )
    yield Rule(
        id="every_area_in_the_newest_period",
        relation="place",
        severity="critical",
        column=column,
        heading=heading(source, column),
        asked="is_given",
        fault="not is_here",
        needs_rows=False,  # where no kinds of areas are so many together, they are only counted
        why="a council that is missing from the newest period would be missing from the map that people look at",
        expected=f"each of the {checks.distinct_areas} areas in the newest period that the file gives",
        remedy="ask the publisher; if it is not given for that area, say so with the reason under `checks: absent` in "
        + _yaml(source),
    )


def _periods(source: Source) -> Iterator[Rule]:
    checks = source.table.checks
    if checks.period is None:
        return
    column, style = checks.period.column, checks.period.style
    example = next(iter(vocabulary().of_style(style)[0].examples))
    yield _of_a_cell(
        source,
        "readable_period",
        column,
        asked=f"{_name(column)} is not null",
        fault=f"{BEGINS} is null",
        why="a figure of a period that cannot be has no place in time",
        expected=f"a period in the style {style}, such as {example}",
        remedy=f"look at the cell and ask the publisher; if periods are written so now, correct `period` in "
        f"{_yaml(source)} or describe the form in ingestion/vocabulary/periods.yml",
    )
    if checks.area is not None:
        yield _of_a_cell(
            source,
            "code_in_force",
            checks.area.column,
            fault=f"{ENDED} is not null",
            why="a code that had ended by then may stand for the area as it was, or be a slip for another",
            expected="a code that was in force when the row's period began",
            remedy="ask the publisher which area is meant; `until` of an earlier code is in "
            "ingestion/vocabulary/areas.yml",
        )


def _key(source: Source) -> Iterator[Rule]:
    column = ", ".join(source.table.checks.key)
    expected = "one row for each " + " and ".join(heading(source, each) for each in source.table.checks.key)
    yield Rule(
        id="one_row_for_one_thing",
        relation="judged",
        severity="critical",
        column=column,
        fault=f"{CONFLICT} is not null",
        why="two rows that say different things of one thing leave it open which is right",
        expected=expected,
        remedy="ask the publisher which row is right; if both are, they differ in something that belongs to `key` in "
        + _yaml(source),
    )
    yield Rule(
        id="no_row_twice",
        relation="judged",
        severity="warning",
        column=column,
        fault=f"{REPEAT} is not null",
        why="a row that is given twice does no harm but is no habit of a well made file",
        expected=expected,
        remedy="tell the publisher",
    )


def _figures(source: Source) -> Iterator[Rule]:
    """What a figure can be: within the bounds of its measure and of its interval, and no more than it is a part of."""
    figures = source.figures
    if figures is None or figures.by_hand:
        return
    series: dict[tuple[float | None, float | None], list[tuple[str, str]]] = defaultdict(list)
    for _, measure in framework().measures():
        for each in measure.series:
            if each.source == source.id and measure.bounds != (None, None):
                # As the file prints them: a share that is printed as a fraction lies between 0 and 1.
                lower, upper = (None if bound is None else bound / (each.times or 1) for bound in measure.bounds)
                series[lower, upper].append((each.label, each.heading or ""))
    for column in figures.value:
        number = _name(number_of(column))
        for (lower, upper), named in sorted(series.items(), key=str):
            pairs = sql.SQL(", ").join(
                sql.SQL("({}, {})").format(sql.Literal(label), sql.Literal(head)) for label, head in named
            )
            yield _of_a_cell(
                source,
                "within_bounds",
                column,
                asked=f"{number} is not null and ({LABEL}, {HEADING}) in ({pairs.as_string()})",
                fault=" or ".join(
                    [
                        *([f"{number} < {lower:g}"] if lower is not None else []),
                        *([f"{number} > {upper:g}"] if upper is not None else []),
                    ]
                ),
                needs_rows=False,  # the publication gate says when a series is not there
                why="a figure outside the bounds of its measure was read wrongly or published wrongly",
                expected=_between(lower, upper),
                remedy="look at the published cell; if it is right, correct `bounds` of the measure in "
                "framework/indicators/",
            )
    if len(figures.value) > 1:
        return
    value = _name(number_of(figures.value[0]))
    ordered = [
        ("lci_95", figures.lci_95, "<=", value, "a lower limit that is not above the figure"),
        ("uci_95", figures.uci_95, ">=", value, "an upper limit that is not below the figure"),
    ]
    if figures.denominator:
        whole = _name(number_of(figures.denominator))
        ordered.append(("numerator", figures.numerator, "<=", whole, "a numerator that is not above its denominator"))
    for name, beside, comparison, other, expected in ordered:
        if beside:
            number = _name(number_of(beside))
            yield Rule(
                id=name,
                relation="judged",
                severity="critical",
                column=beside,
                heading=heading(source, beside),
                asked=f"{number} is not null and {other} is not null",
                fault=f"not ({number} {comparison} {other})",
                needs_rows=False,
                why="what stands beside a figure and cannot belong to it says that one of the two is wrong",
                expected=expected,
                remedy="look at the published row and ask the publisher which of the two is right",
            )


def _beside_the_edition_before(source: Source, shares: tuple[float, ...]) -> Iterator[Rule]:
    known = changes()
    yield _changed(
        source,
        "fewer_rows",
        "file",
        "rows < rows_before",
        asked="rows_before is not null",
        observed="max(rows) || ' rows'",
    )
    if source.returns:
        limit = known.mostly_gone.limit
        yield _changed(
            source,
            "mostly_gone",
            "file",
            f"rows_kept < {1 - limit:g} * rows_before",
            asked="rows_before is not null",
            observed="max(rows_kept) || ' of ' || max(rows_before) || ' rows are there still'",
        )
    if source.figures is None:
        return
    yield _changed(source, "series_gone", "series", "not is_here and heading_now is null")
    yield _changed(source, "unit", "series", "not is_here and heading_now is not null")
    if not figures_of(source):
        return
    limit = known.hundredfold.limit
    yield _changed(
        source,
        "hundredfold",
        "pair",
        f"abs(now) >= {limit:g} * abs(earlier) or abs(earlier) >= {limit:g} * abs(now)",
        asked="now <> 0 and earlier <> 0",
    )
    yield _changed(source, "sign", "pair", "sign(now) = -sign(earlier)", asked="now <> 0 and earlier <> 0")
    share = max(shares) if len(shares) + 1 >= known.revised.editions else known.revised.limit
    yield _changed(source, "revised", "pair", "now <> earlier", share=share)


def _changed(
    source: Source,
    kind: Kind,
    relation: str,
    fault: str,
    *,
    asked: str = EVERY,
    observed: str | None = None,
    share: float = 0.0,
) -> Rule:
    change = getattr(changes(), kind)
    exception = source.table.checks.changes.get(kind)
    return Rule(
        id=kind,
        relation=relation,
        severity=SEVERITIES[exception.severity if exception else change.severity],
        asked=asked,
        fault=fault,
        observed=observed,
        share=share,
        needs_rows=False,
        why=change.why,
        expected=change.expected,
        remedy=f"{change.remedy}. If that is in the nature of the source, say so with a reason under `checks: changes: "
        f"{kind}` in {_yaml(source)}",
    )


def _between(lower: float | None, upper: float | None) -> str:
    if upper is None:
        return f"{lower:g} or more"
    return f"{upper:g} or less" if lower is None else f"between {lower:g} and {upper:g}"
