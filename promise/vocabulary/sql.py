"""The same numbers and periods in SQL, from the same vocabularies: as functions for dbt's models, and as expressions
for the arrival checks, which come before dbt.

What Python understands and what PostgreSQL understands is one grammar: a test runs every example through all three. All
of it is immutable, which PostgreSQL asks of what it may fold into a query, and does not check itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from promise.vocabulary.numbers import PLAIN, grammar
from promise.vocabulary.period_forms import (
    EARLIEST,
    FIRST_MONTH,
    LATEST,
    LONGEST,
    Day,
    Form,
    Interval,
    Month,
    Quarter,
    Snapshots,
    Years,
    vocabulary,
)

Edge = Literal["start", "end"]
FIXED_SPACES = "E'\\u00a0\\u2007\\u2009\\u202f'"


def quoted(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def number(column: str) -> str:
    """SQL that is the number in a text column, or null when the text is none."""
    told = grammar()
    bare = f"regexp_replace({_trimmed(column)}, {quoted(told.flag)}, '')"
    value = f"replace(regexp_replace({bare}, {quoted(told.noise)}, '', 'g'), {quoted(told.minus)}, '-')"
    fits = f"{bare} ~ {quoted(told.number)} and {bare} ~ {quoted(told.digit)}"
    # Most cells are plain; the full grammar costs several times as much.
    plain = f"{column} ~ {quoted(f'^(?:{PLAIN.pattern})$')} then {column}::numeric"
    return f"case when {plain} when {fits} then nullif({value}, '')::numeric end"


def number_status(column: str) -> str:
    """SQL that is `revised`, `provisional` or `estimated` for a number with such a letter behind it, else null."""
    told = grammar()
    letter = f"translate(substring({_trimmed(column)} from {quoted(told.flag)}), '[]()', '')"
    cases = " ".join(f"when {quoted(each)} then {quoted(status)}" for each, status in told.flags.items())
    return f"case when {number(column)} is not null then case {letter} {cases} end end"


def period(style: str, column: str, edge: Edge) -> str:
    """SQL that is the first or last day of a period in a style, or null when the text does not fit it."""
    forms = vocabulary().of_style(style)
    text = _spaced(column)
    branches = (
        f"when {text} ~ {_whole(form)} then {_checked(form, f'regexp_match({text}, {_whole(form)})', edge)}"
        for form in forms
    )
    return f"case {' '.join(branches)} end"


def functions() -> dict[str, str]:
    """The bodies of the functions by which models read `published` texts, by name. Their arguments and languages are in
    dbt/functions/values/_values.yml."""
    return {
        "published_number": f"select {number('published')}",
        "published_status": f"select {number_status('published')}",
        "without_space": f"select {without_space('published')}",
        "area_spelling": f"select {folded_area('published')}",
        "period_start": _period_body("start"),
        "period_end": _period_body("end"),
    }


def without_space(column: str) -> str:
    """SQL that is a text without space at its ends, the non-breaking kinds included; between words they are plain."""
    # A text of as many bytes as characters has none of them, and looking for each is what costs.
    plain = f"case when octet_length({column}) = char_length({column}) then {column} "
    return f"btrim({plain}else translate({column}, {FIXED_SPACES}, '    ') end, E' \\t\\r\\n')"


def folded_area(column: str) -> str:
    """SQL that is a spelling of an area without what publishers vary at will; `promise.vocabulary.areas.fold`."""
    plain = f"replace(replace(lower({column}), '&', ' and '), '\u2013', '-')"
    return f"btrim(regexp_replace({plain}, '[\\s\u00a0,.-]+', ' ', 'g'))"


def folded(column: str) -> str:
    """SQL that is a text without differences that are no difference of meaning: capitals, kinds of space and of stroke.

    `2022/23` and `2022-23` are one text then, and so are a heading with a non-breaking space and one without.
    """
    plain = f"case when octet_length({column}) = char_length({column}) then lower({column}) "
    spaced = f"{plain}else translate(lower({column}), E'\\u00a0\\u2007\\u2009\\u202f\\u2013', '    -') end"
    return f"btrim(replace(replace(replace(replace({spaced}, '/', '-'), '   ', ' '), '  ', ' '), ' - ', '-'))"


def _period_body(edge: Edge) -> str:
    """As a program a text is taken apart once and not for each condition: several times as fast as one expression."""
    styles = "".join(_style_body(style, edge) for style in vocabulary().styles)
    return (
        "declare\n    printed text := " + _spaced("published") + ";\n    part text[];\nbegin\n"
        f"    case style\n{styles}    else null;\n    end case;\n    return null;\nend"
    )


def _style_body(style: str, edge: Edge) -> str:
    forms = "".join(
        f"        part := regexp_match(printed, {_whole(form)});\n"
        f"        if part is not null then\n            return {_checked(form, 'part', edge)};\n        end if;\n"
        for form in vocabulary().of_style(style)
    )
    return f"    when {quoted(style)} then\n{forms}"


def _trimmed(column: str) -> str:
    space = grammar().space
    return f"regexp_replace({column}, {quoted(f'^{space}|{space}$')}, '', 'g')"


def _spaced(column: str) -> str:
    return f"btrim(regexp_replace({column}, '[\\s\u00a0]+', ' ', 'g'))"


def _whole(form: Form) -> str:
    return quoted(f"^(?:{form.pattern})$")


def _checked(form: Form, groups: str, edge: Edge) -> str:
    """The day that the groups of a text of this form mean, or null when they cannot be."""
    if form.years:
        conditions, day = _years(form.years, groups, edge)
    elif form.day:
        conditions, day = _day(form.day, groups)
    elif form.month:
        conditions, day = _month(form.month, groups, edge)
    elif form.quarter:
        conditions, day = _quarter(form.quarter, groups, edge)
    elif form.snapshots:
        conditions, day = _snapshots(form.snapshots, groups, edge)
    else:
        assert form.interval is not None, f"the form {form.id} says nothing of how it is read"
        conditions, day = _interval(form.interval, groups, edge)
    # One case inside the other: PostgreSQL may not work out the numbers before the text is known to have the form.
    return (
        "case\n                when "
        + "\n                and ".join(conditions)
        + f"\n                then {day}\n            end"
    )


def _years(years: Years, groups: str, edge: Edge) -> tuple[list[str], str]:
    first = _integer(groups, years.first)
    conditions = [f"{first} between {EARLIEST} and {LATEST}", *_next_year(groups, years.first, years.first_end)]
    last = first
    if years.last:
        last = _year_after(groups, years.last, first)
        conditions += [f"{last} > {first}", *_next_year(groups, years.last, years.last_end)]
        if years.labelled_by == "bounds":  # the printed last year is the one in which the last of them ends
            conditions += [f"{last} - {first} between 2 and {LONGEST}"]
            last = f"{last} - 1"
    if years.count:
        counted = _integer(groups, years.count)
        conditions.append(f"{counted} {'<=' if years.may_skip else '='} {last} - {first} + 1")
    offset = 1 if years.labelled_by == "end" else 0
    month = FIRST_MONTH[years.year]
    if edge == "start":
        return conditions, f"make_date({first} - {offset}, {month}, 1)"
    return conditions, f"make_date({last} + {1 - offset}, {month}, 1) - 1"


def _day(day: Day, groups: str) -> tuple[list[str], str]:
    year = _integer(groups, day.year)
    conditions = [f"{year} between {EARLIEST} and {LATEST}", *_next_year(groups, day.year, day.year_end)]
    month = day.month if isinstance(day.month, str) else _month_number(groups, day.month)
    number_of_day = day.day if isinstance(day.day, str) else _integer(groups, day.day)
    conditions += [f"{month} between 1 and 12", f"{number_of_day} between 1 and 31"]
    begins = f"make_date({year}{' + 1' if day.year_end else ''}, {month}, 1)"
    # 31 June becomes 1 July by adding days; a day outside its month is none.
    found = f"({begins} + {number_of_day} - 1)"
    return conditions, f"case when extract(month from {found}) = {month} then {found} end"


def _month(month: Month, groups: str, edge: Edge) -> tuple[list[str], str]:
    year, number_of_month = _integer(groups, month.year), _month_number(groups, month.month)
    full_year = f"case when {year} < 100 then 2000 + {year} else {year} end"
    begins = f"make_date({full_year}, {number_of_month}, 1)"
    conditions = [f"{number_of_month} between 1 and 12"]
    return conditions, begins if edge == "start" else f"({begins} + interval '1 month' - interval '1 day')::date"


def _quarter(quarter: Quarter, groups: str, edge: Edge) -> tuple[list[str], str]:
    year = _integer(groups, quarter.year)
    conditions = [f"{year} between {EARLIEST} and {LATEST}", *_next_year(groups, quarter.year, quarter.year_end)]
    if quarter.quarter:
        # Months counted on from the January of the printed year: the last quarter of 2019/20 begins in the 13th.
        first = f"({FIRST_MONTH[quarter.year_type] - 1} + 3 * ({_integer(groups, quarter.quarter)} - 1))"
    else:
        assert quarter.first_month is not None and quarter.last_month is not None
        number_of_first = _month_number(groups, quarter.first_month)
        conditions.append(f"{number_of_first} between 1 and 10")
        conditions.append(f"{_month_number(groups, quarter.last_month)} = {number_of_first} + 2")
        first = f"({number_of_first} - 1)"
    begins = f"make_date({year} + {first} / 12, {first} % 12 + 1, 1)"
    return conditions, begins if edge == "start" else f"({begins} + interval '3 months' - interval '1 day')::date"


def _interval(interval: Interval, groups: str, edge: Edge) -> tuple[list[str], str]:
    printed, duration = f"({groups})[{interval.start}]", f"({groups})[{interval.duration}]"
    year, month, day = (f"split_part({printed}, '-', {part})::integer" for part in (1, 2, 3))
    length = f"substring({duration} from '^P0*([0-9]{{1,5}})[YMD]$')::integer"
    unit = f"right({duration}, 1)"
    conditions = [
        f"{year} between {EARLIEST} and {LATEST}",
        f"{month} between 1 and 12",
        f"{day} between 1 and 31",
        f"{length} between 1 and 40000",
    ]
    first_of_month = f"make_date({year}, {month}, 1)"
    begins = f"({first_of_month} + {day} - 1)"
    is_a_day = f"extract(month from {begins}) = {month}"
    edge_of = begins if edge == "start" else f"({_next(begins, length, unit)} - 1)"
    # A month on from 31 January there is no such day, and then the text means no period.
    fits = f"{unit} = 'D' or extract(day from {_next(begins, length, unit)}) = {day}"
    within = f"{unit} = 'D' or extract(year from {_next(begins, length, unit)}) <= {LATEST}"
    return conditions, f"case when {is_a_day} and ({fits}) and ({within}) then {edge_of} end"


def _next(begins: str, length: str, unit: str) -> str:
    """The day after an interval that begins on a day."""
    months = f"{length} * case {unit} when 'Y' then 12 when 'M' then 1 else 0 end"
    days = f"case {unit} when 'D' then {length} else 0 end"
    return f"({begins} + make_interval(months => {months}, days => {days}))::date"


def _snapshots(snapshots: Snapshots, groups: str, edge: Edge) -> tuple[list[str], str]:
    first, last = _integer(groups, snapshots.first), _integer(groups, snapshots.last)
    month, counted = _month_number(groups, snapshots.month), _integer(groups, snapshots.count)
    conditions = [f"{month} between 1 and 12", f"{counted} = {last} - {first} + 1", f"{counted} > 1"]
    if edge == "start":
        return conditions, f"make_date({first}, {month}, 1)"
    return conditions, f"(make_date({last}, {month}, 1) + interval '1 month' - interval '1 day')::date"


def _next_year(groups: str, year: int, end: int | None) -> Sequence[str]:
    """The condition that the printed end of a year is the year after."""
    if not end:
        return []
    return [f"right((({groups})[{year}]::integer + 1)::text, length(({groups})[{end}])) = ({groups})[{end}]"]


def _year_after(groups: str, group: int, first: str) -> str:
    """The year that two or four digits mean when they stand behind a year."""
    text, number = f"({groups})[{group}]", _integer(groups, group)
    return f"case when length({text}) = 4 then {number} else {first} + (100 + {number} - {first} % 100) % 100 end"


def _integer(groups: str, group: int) -> str:
    return f"({groups})[{group}]::integer"


def _month_number(groups: str, group: int) -> str:
    names = ", ".join(quoted(name[:3].casefold()) for name in vocabulary().months)
    text = f"({groups})[{group}]"
    by_name = f"array_position(array[{names}], lower(left({text}, 3)))"
    return f"coalesce(case when {text} ~ '^[0-9]+$' then {text}::integer end, {by_name})"
