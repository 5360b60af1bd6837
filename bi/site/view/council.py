"""A council's own page: all that is measured of it, beside its family and Scotland, what is not known, what it owes."""

from __future__ import annotations

from dataclasses import dataclass

from bi.site import rows, words
from bi.site.charts import Spark, sparkline
from bi.site.view.cards import drawn
from bi.site.view.common import Content, Named
from bi.site.view.due import Due, owed


@dataclass(frozen=True)
class Line:
    """A measure of this council in its latest period."""

    measure_id: str
    title: str
    everyone: str
    figure: str
    remark: str
    interval: str
    period: str
    age: str
    family: str
    scotland: str
    beside: str  # how it stands beside Scotland, where an interval tells
    place: str
    change: str
    spark: Spark | None
    indicator: Named


@dataclass(frozen=True)
class Group:
    """The measures of one vision statement."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Unknown:
    """A measure of which this council has no figure, and why."""

    title: str
    why: str
    indicator: Named


@dataclass(frozen=True)
class Council:
    """The page of a council."""

    code: str
    name: str
    family: str
    peers: tuple[tuple[str, str], ...]
    groups: tuple[Group, ...]
    everyone: tuple[Group, ...]  # of everyone in the area, and not of care experienced people
    unknown: tuple[Unknown, ...]
    measures: int
    too_few: int  # measures with too few people for a place
    owed: tuple[Due, ...]


def councils(content: Content) -> list[Council]:
    """Every council's page."""
    return [_council(content, row) for row in content.marts.councils]


def _council(content: Content, council: rows.Council) -> Council:
    mine = [row for row in content.marts.matrix if row.area_code == council.area_code]
    known = [row for row in mine if row.obs_value is not None]
    peers = [
        (f"{c.area_code}.html", c.area_name)
        for c in content.marts.councils
        if council.family_group is not None and c.family_group == council.family_group and c != council
    ]
    bodies = {o.organisation_id for o in content.marts.organisations if o.area_code == council.area_code}
    groups, everyone = (
        [
            Group(f"{statement.number}. {statement.name}", tuple(some))
            for statement in content.marts.vision_statements
            if (some := [line for row, line in lines if _statement(content, row) == statement.vision_statement_id])
        ]
        for lines in _parted(content, council, known)
    )
    return Council(
        code=council.area_code,
        name=council.area_name,
        family=f"family group {council.family_group}" if council.family_group is not None else "",
        peers=tuple(peers),
        groups=tuple(groups),
        everyone=tuple(everyone),
        unknown=tuple(
            Unknown(
                content.measures[row.measure_id].title,
                words.say({**words.MISSING, **words.MATRIX_ABSENCES}, row.status, "status of council_matrix"),
                content.named(content.measures[row.measure_id].indicator_id),
            )
            for row in mine
            if row.obs_value is None
        ),
        measures=len(mine),
        too_few=sum(row.rank_reason == "small_numbers" for row in mine),
        owed=tuple(
            owed(content, [row], next((r.url for r in content.marts.reports if r.report_id == row.report_id), None))
            for row in content.marts.owed
            if row.organisation_id in bodies
        ),
    )


def _parted(
    content: Content, council: rows.Council, known: list[rows.MatrixCell]
) -> list[list[tuple[rows.MatrixCell, Line]]]:
    """The lines of care experienced people, and those of everyone."""
    lines = [(row, _line(content, council, row)) for row in known]
    # Shares and rates first: a number says little beside the number of a council of another size.
    lines.sort(key=lambda pair: content.measures[pair[0].measure_id].unit in words.NUMBERS)
    return [[pair for pair in lines if bool(pair[1].everyone) == everyone] for everyone in (False, True)]


def _statement(content: Content, row: rows.MatrixCell) -> str:
    return content.indicators[content.measures[row.measure_id].indicator_id].vision_statement_id


def _line(content: Content, council: rows.Council, row: rows.MatrixCell) -> Line:
    measure = content.measures[row.measure_id]
    series = content.series.get((row.measure_id, council.area_code), [])
    latest = next((o for o in reversed(series) if o.period_label == row.period_label), None)
    figure = content.figure(latest) if latest is not None else None
    ranked = next(
        (
            b
            for b in content.benchmarks.get((row.measure_id, council.area_code), [])
            if b.period_label == row.period_label
        ),
        None,
    )

    def said(value: object) -> str:
        return words.short(value, measure.unit, measure.decimals) if value is not None else ""  # type: ignore[arg-type]

    interval = figure.interval if figure is not None else ""
    # How many services are registered is no matter of chance, and has no interval, whatever can be calculated.
    if measure.population == "services":
        interval = ""
    elif ranked is not None and ranked.lci_95 is not None and ranked.uci_95 is not None:
        interval = f"{said(ranked.lci_95)} to {said(ranked.uci_95)}"
    change = ""
    if row.change_since_previous is not None:
        step = words.difference(row.change_since_previous, measure.unit, measure.decimals)
        change = f"{step} since {row.previous_period_label}"
    return Line(
        measure_id=row.measure_id,
        title=measure.title,
        everyone=content.everyone(measure) or (words.NOT_ONLY_CARE if measure.population in words.EVERYONE else ""),
        figure=said(row.obs_value),
        remark=figure.remark if figure is not None else "",
        interval=interval,
        period=row.period_label or "",
        age=figure.age if figure is not None else "",
        family=said(ranked.family_median if ranked is not None else None) or "not shown",
        scotland=said(row.scotland_value) or words.NO_FIGURE,
        beside=words.say(words.BESIDE_SCOTLAND, ranked.compared_with_scotland, "comparison with Scotland")
        if ranked is not None and ranked.compared_with_scotland is not None
        else "",
        place=words.NO_PLACES["no_direction"] if measure.polarity == "neutral" else words.place(row),
        change=change,
        spark=sparkline(drawn(content, measure, series), measure.decimals),
        indicator=content.named(measure.indicator_id),
    )
