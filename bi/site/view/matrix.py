"""The "tartan rug": 32 councils by every council measure, each cell with its figure and place, or why it has none."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby

from bi.site import rows, words
from bi.site.view.common import Content, Named

SUPPRESSED, MISSING = "is-suppressed", "is-missing"


@dataclass(frozen=True)
class Cell:
    """A council in one measure."""

    text: str
    missing: bool
    place: str
    change: str
    style: str
    order: str  # the figure for sorting; empty where there is none


@dataclass(frozen=True)
class Council:
    """A row of the rug."""

    area: str
    name: str
    family_group: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Family:
    """Councils that are compared with one another first."""

    title: str
    councils: tuple[Council, ...]


@dataclass(frozen=True)
class Column:
    """A measure of the rug, with what a reader must know of it."""

    id: str
    title: str
    indicator: Named
    href: str
    map_href: str
    population: str
    everyone: str
    unit: str
    period: str
    polarity: str
    ranked: bool
    best: str
    proposed: bool
    caveat: str
    scotland: str
    scotland_missing: bool
    with_figures: int


@dataclass(frozen=True)
class Rug:
    """One table: measures of the framework's indicators, or of those that this project proposes, never both."""

    id: str
    title: str
    proposed: bool
    columns: tuple[Column, ...]
    families: tuple[Family, ...]


@dataclass(frozen=True)
class Matrix:
    """The page."""

    rugs: tuple[Rug, ...]
    councils: int


def matrix(content: Content) -> Matrix:
    """The matrix of this release, the framework's measures apart from those that this project proposes."""
    by_measure: dict[str, dict[str, rows.MatrixCell]] = defaultdict(dict)
    for row in content.marts.matrix:
        by_measure[row.measure_id][row.area_code] = row
    columns = [_column(content, measure_id, cells) for measure_id, cells in by_measure.items()]
    rugs = (_rug(content, by_measure, columns, proposed=proposed) for proposed in (False, True))
    return Matrix(rugs=tuple(rug for rug in rugs if rug.columns), councils=len(content.marts.councils))


def _rug(
    content: Content, cells: dict[str, dict[str, rows.MatrixCell]], columns: list[Column], *, proposed: bool
) -> Rug:
    columns = [column for column in columns if column.proposed == proposed]
    # A council without a family group comes last, under a heading that says so.
    councils = sorted(content.marts.councils, key=lambda c: (c.family_group is None, c.family_group or 0, c.area_name))
    return Rug(
        id="proposed" if proposed else "framework",
        title="Indicators that this project proposes" if proposed else "Indicators of the framework",
        proposed=proposed,
        columns=tuple(columns),
        families=tuple(
            Family(
                title=f"Family group {group}" if group is not None else "Family group not known",
                councils=tuple(
                    Council(
                        area=c.area_code,
                        name=c.area_name,
                        family_group=str(c.family_group or ""),
                        cells=tuple(_cell(content, column.id, cells[column.id].get(c.area_code)) for column in columns),
                    )
                    for c in members
                ),
            )
            for group, members in groupby(councils, key=lambda c: c.family_group)
        ),
    )


def _column(content: Content, measure_id: str, cells: dict[str, rows.MatrixCell]) -> Column:
    measure = content.measures[measure_id]
    named = content.named(measure.indicator_id)
    any_row = next(iter(cells.values()))
    figures = content.council_figures(measure_id).values()
    shown = (row for by_council in figures for row in by_council.values() if row.period_label == any_row.period_label)
    age = next((content.age(row) for row in shown), "")
    scotland = next((row.scotland_value for row in cells.values() if row.scotland_value is not None), None)
    return Column(
        id=measure_id,
        title=measure.title,
        indicator=named,
        href=f"indicators/{measure.indicator_id}.html#{measure_id}",
        map_href=f"map.html#measure={measure_id}",
        population=content.population(measure),
        everyone=content.everyone(measure),
        unit=words.unit(measure.unit).name,
        period=", ".join(filter(None, [any_row.period_label or "no period with figures", age])),
        polarity=words.say(words.RANKS, measure.polarity, "polarity"),
        ranked=measure.polarity != "neutral",
        best="highest" if measure.polarity == "higher_is_better" else "lowest",
        proposed=named.proposed,
        caveat=measure.caveat or "",
        scotland=words.NO_FIGURE if scotland is None else words.short(scotland, measure.unit, measure.decimals),
        scotland_missing=scotland is None,
        with_figures=sum(row.obs_value is not None for row in cells.values()),
    )


def _cell(content: Content, measure_id: str, row: rows.MatrixCell | None) -> Cell:
    if row is None or row.obs_value is None:
        status = "not_published" if row is None else row.status
        text = words.say({**words.MISSING, **words.MATRIX_ABSENCES}, status, "status of council_matrix")
        style = SUPPRESSED if status == "suppressed" else MISSING
        return Cell(text=text, missing=True, place="", change="", style=style, order="")
    measure = content.measures[measure_id]
    place = words.place(row) if measure.polarity != "neutral" else ""  # the head of the column says so once
    if row.quartile is not None:
        place = f"{words.QUARTERS[row.quartile]}, {place}"
    change = ""
    if row.change_since_previous is not None:
        change = f"{words.step(row.change_since_previous, measure.decimals)} since {row.previous_period_label}"
    return Cell(
        text=words.short(row.obs_value, measure.unit, measure.decimals),
        missing=False,
        place=place,
        change=change,
        style=f"quarter-{row.quartile}" if row.quartile is not None else "unranked",
        order=str(row.obs_value),
    )
