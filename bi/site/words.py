"""How figures, dates and statuses are said in plain English.

Nothing here decides anything about a figure: rounding follows `dim_measure.decimals`, and every code of the vocabulary
has its words. A code without words stops the build, because a page that falls back to a raw code, or to a blank,
tells a reader something we did not mean.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal

from bi.site.rows import Benchmark, MatrixCell
from promise.errors import PromiseError

MINUS = "\N{MINUS SIGN}"
# Not strftime: that follows the locale of the machine, and the same release must give the same bytes.
MONTHS = ("January", "February", "March", "April", "May", "June",
          "July", "August", "September", "October", "November", "December")  # fmt: skip


@dataclass(frozen=True)
class Unit:
    """What goes before and after a number, and what a difference between two of them is called."""

    name: str
    before: str = ""
    after: str = ""
    difference: str = ""


UNITS: Mapping[str, Unit] = {
    "count": Unit("number"),
    "average_count": Unit("average number"),
    "full_time_equivalent": Unit("full-time equivalent"),
    "percent": Unit("per cent", after="%", difference=" percentage points"),
    "percentage_points": Unit("percentage points", after=" percentage points", difference=" percentage points"),
    "per_1000": Unit("rate per 1,000", after=" per 1,000", difference=" per 1,000"),
    "per_10000": Unit("rate per 10,000", after=" per 10,000", difference=" per 10,000"),
    "per_place": Unit("incidents per place", after=" per place", difference=" per place"),
    "per_week_gbp": Unit("pounds a week", before="£", after=" a week", difference=" a week"),
}

NUMBERS = frozenset({"count", "average_count", "full_time_equivalent"})  # units of how many; the others are of how much

# Looked after and care experienced are not synonyms, so neither is ever said for the other.
POPULATIONS: Mapping[str, str] = {
    "looked_after": "Looked after children",
    "not_looked_after": "Children who are not looked after",
    "care_experienced": "Care experienced children and young people",
    "aftercare_eligible": "Young people eligible for aftercare",
    "continuing_care_eligible": "Young people eligible for continuing care",
    "all_children": "All children",
    "all_pupils": "All pupils",
    "all_school_leavers": "All school leavers",
    "young_people": "All young people of the ages named",
    "all_people": "All people",
    "households": "All households",
    "foster_households": "Approved foster care households",
    "services": "Services, not children",
    "staff": "Staff, not children",
    "children_in_services": "Children in the services that report, counted by service and incident",
}
# Who is care experienced among these is not known, so a figure of them says nothing of care experienced people alone.
EVERYONE = frozenset(
    {"all_children", "all_pupils", "all_school_leavers", "all_people", "young_people", "households", "staff"}
)
NOT_ONLY_CARE = "About everyone, not only care experienced people"

MISSING: Mapping[str, str] = {
    "missing": "missing, the publisher gives no reason",
    "not_applicable": "not applicable",
    "not_collected": "not collected",
    "not_available": "not available",
    "low": "too low to show after rounding, not zero",
}
SUPPRESSED: Mapping[str, str] = {
    "suppressed_by_publisher": "suppressed by the publisher",
    "suppressed_by_us": "suppressed by this project",
}
REMARKS: Mapping[str, str] = {
    "final": "",
    "provisional": "provisional",
    "revised": "revised",
    "estimated": "estimated",
    "low": "low",
    "low_reliability": "of low reliability, the publisher says",
}
NO_FIGURE = "no figure held"  # no loaded publication gives one; whether another does is not known

# Why there is no baseline of 2020. What we have not got hold of is never said as if Scotland had not published it.
ABSENCES: Mapping[str, str] = {
    "not_in_our_copy": "not in our copies of what is published",
    "not_published": "not published",
    "not_collected": "not collected",
    "suppressed": "suppressed by the publisher",
    "not_comparable": "published, and not comparable",
}

JUDGEMENTS: Mapping[str, str] = {
    "improving": "Improving",
    "no_clear_change": "No clear change",
    "worsening": "Worsening",
    "rose": "Rose, no agreed direction",
    "fell": "Fell, no agreed direction",
    "not_comparable": "Not comparable",
    "no_baseline_published": "No baseline published",
    "no_baseline_in_our_copy": "No baseline in our copy",
    "cannot_be_calculated": "Cannot be calculated",
    "level": "One figure, no change yet",
}
JUDGED = frozenset({"improving", "no_clear_change", "worsening", "rose", "fell"})
RULES: Mapping[str, str] = {
    "since_baseline": "Since each indicator's own baseline",
    "since_2018_19": "Since 2018/19, the last year before the pandemic",
    "last_two": "The latest two figures, as the National Performance Framework does",
    "trend": "Trend of the last five figures, by the rule of OHID's Fingertips",
}
POLARITIES: Mapping[str, str] = {
    "higher_is_better": "A higher figure is better.",
    "lower_is_better": "A lower figure is better.",
    "neutral": "Neither a higher nor a lower figure is better in itself.",
}
RANKS: Mapping[str, str] = {
    "higher_is_better": "Rank 1 is the highest figure, which is the better one for this measure.",
    "lower_is_better": "Rank 1 is the lowest figure, which is the better one for this measure.",
    "neutral": "No direction is better for this measure, so councils are not ranked from best to worst.",
}
# Why a council has no place among the others.
NO_PLACES: Mapping[str, str] = {
    "no_direction": "no direction is better",
    "small_numbers": "too few people for a place",
    "people_not_known": "no place, as the number of people is not known",
    "not_clearly_different": "no place, as not clearly different",
}
DIRECTIONS: Mapping[str, str] = {
    "increase": "an increase",
    "decrease": "a decrease",
    "neutral": "no direction: it is read for context",
    "in_proportion": "a figure in proportion to something else: of itself, neither up nor down is better",
}
# How an indicator that we propose reads.
STANDINGS: Mapping[str, str] = {
    "marker": "a marker: it knows who is care experienced",
    "context": "context, to be read beside others",
    "background": "background: it is about everyone",
}
STATES: Mapping[str, str] = {
    "published": "of the framework",
    "proposed": "proposed by this project, not part of the framework",
    "gap": "nothing known here",
}
# A gap of ours looks like one of Scotland's unless it says whose it is.
GAPS: Mapping[str, str] = {
    "evidence": "Gaps in Scotland's evidence",
    "our_copy": "Gaps in our copies of what is published",
}
OLD = 3  # years; most of what is published comes out within two
# Why a cell of the council matrix has no figure, where the status is of the matrix itself.
MATRIX_ABSENCES: Mapping[str, str] = {"suppressed": "suppressed", "not_published": NO_FIGURE}
# Where a report or a source stands, against the day of the release; `late` is overdue too, and is called so.
STATES_OF_DUE: Mapping[str, str] = {
    "on_time": "not due yet",
    "expected": "not due yet",
    "due": "due now",
    "late": "overdue",
    "overdue": "overdue",
    "unknown": "no date known",
    "none_expected": "came out once",
}
OVERDUE = frozenset({"late", "overdue"})
COMING = frozenset({"on_time", "expected", "due"})
GROUPS: Mapping[str, str] = {"councils": "the 32 councils", "health_boards": "the 14 health boards"}
STRANDS: Mapping[str, str] = {
    "national": "How is Scotland doing?",
    "organisational": "How are organisations doing?",
    "experience": "Does the care community feel the impact?",
}
EVENTS: Mapping[str, str] = {
    "revision": "Revised",
    "withheld": "Withheld since",
    "withdrawn": "Withdrawn",
    "given_again": "Given again",
    "correction": "Corrected by this project",
    "conflict": "Sources disagree",
    "break": "Break in the series",
}
KINDS_OF_SOURCE: Mapping[str, str] = {
    "published_file": "read from the publisher\N{RIGHT SINGLE QUOTATION MARK}s own file",
    "publishers_api": "read from the answer of the publisher\N{RIGHT SINGLE QUOTATION MARK}s service",
    "transcription": "typed by this project from a page of the publisher",
    "quoted_elsewhere": "typed by this project from a page that quotes the publisher",
}
BESIDE_SCOTLAND: Mapping[str, str] = {
    "better": "better than Scotland",
    "worse": "worse than Scotland",
    "not_clearly_different": "not clearly different from Scotland",
    "higher": "higher than Scotland",
    "lower": "lower than Scotland",
}
# Where people may go who read what is hard to read: name, address, and what it is in a few words.
SUPPORT: tuple[tuple[str, str, str], ...] = (
    ("Childline", "https://www.childline.org.uk", "0800 1111, for anyone under 19"),
    ("Samaritans", "https://www.samaritans.org", "116 123"),
    ("Who Cares? Scotland", "https://www.whocaresscotland.org", "independent advocacy for care experienced people"),
)
# Where the button leads that leaves this site at once: a page that says nothing of what somebody was reading.
ELSEWHERE = "https://www.bbc.co.uk/weather"
QUARTERS: Mapping[int, str] = {1: "1st quarter", 2: "2nd quarter", 3: "3rd quarter", 4: "4th quarter"}


def say(vocabulary: Mapping[str, str], code: str, what: str) -> str:
    """The words for a code. Raises PromiseError for a code that has none."""
    try:
        return vocabulary[code]
    except KeyError:
        raise PromiseError(
            f"the site has no words for {what} {code!r}; add them to bi/site/words.py "
            f"(it knows: {', '.join(sorted(vocabulary))})"
        ) from None


def place(row: Benchmark | MatrixCell) -> str:
    """A council's place among the others, with ties and what its interval leaves open, or why it has none."""
    if row.rank is None:
        why = say(NO_PLACES, str(row.rank_reason), "reason for no place")
        return f"{why} ({row.people:,.0f})" if row.rank_reason == "small_numbers" and row.people is not None else why
    text = f"{row.rank} of {row.councils_ranked}"
    if row.tied_with:
        text += f", shared with {row.tied_with} other{'' if row.tied_with == 1 else 's'}"
    if row.place_from is not None and row.place_from != row.place_to:
        text += f" (may be {row.place_from} to {row.place_to})"
    return text


def unit(code: str) -> Unit:
    """The unit with this code. Raises PromiseError for one that is not in the vocabulary."""
    if code not in UNITS:
        raise PromiseError(f"the site has no words for unit {code!r}; add it to UNITS in bi/site/words.py")
    return UNITS[code]


def number(value: Decimal, decimals: int | None) -> str:
    """A number with thousands separators; halves go away from zero, and without `decimals` nothing is rounded."""
    text = f"{value.normalize():,f}" if decimals is None else f"{rounded(value, decimals):,f}"
    return text.replace("-", MINUS)


def rounded(value: Decimal, decimals: int | None) -> Decimal:
    """The value as a page shows it, so that bands and signs agree with the printed figure."""
    if decimals is None:
        return value
    result = value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return abs(result) if result.is_zero() else result  # no "minus nought"


def figure(value: Decimal, unit_code: str, decimals: int | None) -> str:
    """A value with its unit: `83.7%`, `14,262`, `97 per 1,000`."""
    around = unit(unit_code)
    return f"{around.before}{number(value, decimals)}{around.after}"


def short(value: Decimal, unit_code: str, decimals: int | None) -> str:
    """A value where there is little room and the unit is said nearby: `83.7%`, `97`, `£3,500`."""
    around = unit(unit_code)
    return f"{around.before}{number(value, decimals)}{around.after if around.after == '%' else ''}"


def difference(value: Decimal, unit_code: str, decimals: int | None) -> str:
    """A change with its sign: `−1.1 percentage points`, `+29`, `no change`."""
    around = unit(unit_code)
    if value == 0:
        return "no change"
    printed = rounded(value, decimals)
    if printed == 0:
        smallest = number(Decimal(1).scaleb(-(decimals or 0)), decimals)
        return f"less than {around.before}{smallest}{around.difference} either way"
    sign = "+" if printed > 0 else MINUS
    return sign + size(value, unit_code, decimals)


def step(value: Decimal, decimals: int | None) -> str:
    """A change where there is little room and the unit stands at the head of the column: `−1.1`, `about the same`."""
    if value == 0:
        return "the same"
    printed = rounded(value, decimals)
    if printed == 0:
        return "about the same"
    return f"{'+' if printed > 0 else ''}{number(printed, decimals)}"


def moved(value: Decimal, unit_code: str, decimals: int | None) -> str:
    """A change in a sentence: `1.1 percentage points lower than`, `the same as`."""
    if rounded(value, decimals) == 0:
        return "the same as" if value == 0 else "about the same as"
    return f"{size(value, unit_code, decimals)} {'higher' if value > 0 else 'lower'} than"


def at(period_label: str, *, first: bool = False) -> str:
    """A period in a sentence, or `first` in one: `in 2019/20`, `on 31 July 2020`."""
    word = "on" if re.match(r"\d{1,2} [A-Z]", period_label) else "in"
    return f"{word.capitalize() if first else word} {period_label}"


def size(value: Decimal, unit_code: str, decimals: int | None) -> str:
    """A difference without its sign, for sentences that say the direction in around."""
    around = unit(unit_code)
    text = number(abs(value), decimals)
    after = around.difference.replace("points", "point") if text == "1" else around.difference
    return f"{around.before}{text}{after}"


ROUNDED = "however the figures were rounded"


def rule(unit: str, step: str) -> str:
    """What makes a change one where nothing is published to tell it by; `step` is a number as printed."""
    if unit == "percentage_point":
        return f"a change of {step} percentage point{'' if step == '1' else 's'} or more counts, {ROUNDED}"
    if unit == "percent_a_year":
        return f"a change of {step} per cent a year or more, compound, counts, {ROUNDED}"
    if unit == "people":
        return f"a change counts if it would be one among {step} people"
    raise PromiseError(f"site: the rule of a change is in {unit!r}, for which there are no words")


def absence(obs_status: str, conf_status: str) -> str:
    """Why there is no value. Never blank."""
    if conf_status != "free":
        return say(SUPPRESSED, conf_status, "conf_status")
    return say(MISSING, obs_status, "obs_status of a missing value")


def remark(obs_status: str) -> str:
    """What a reader should know about a value that is there; empty for a final one."""
    return say(REMARKS, obs_status, "obs_status of a value")


def day(value: date) -> str:
    """`26 August 2025`."""
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def published(value: date | None, precision: str | None) -> str:
    """A date of publication, no more exact than it is known."""
    if value is None or precision == "unknown":
        return "date of publication not known"
    if precision == "year":
        return str(value.year)
    if precision == "month":
        return f"{MONTHS[value.month - 1]} {value.year}"
    return day(value)


def age(period_end: date, released_on: date) -> str:
    """How long a period had ended when a release was made, where a reader may take the figure for one of today."""
    years = (
        released_on.year - period_end.year - ((released_on.month, released_on.day) < (period_end.month, period_end.day))
    )
    return f"ended {years} years before this release" if years >= OLD else ""


def moment(value: datetime) -> str:
    """A time in UTC, so that the page does not depend on where it was built."""
    value = value.astimezone(UTC)
    return f"{day(value.date())}, {value:%H:%M} UTC"


def listed(items: list[str]) -> str:
    """`a, b and c`."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def counted(n: int, one: str, many: str | None = None) -> str:
    """`1 indicator`, `9 indicators`, `no indicators`."""
    return f"{'no' if n == 0 else f'{n:,}'} {one if n == 1 else many or one + 's'}"


def plain(code: str | None) -> str:
    """A free-text code as words, for fields whose vocabulary belongs to the catalogue (`no_indicator_published`)."""
    text = (code or "").replace("_", " ").strip()
    return text[:1].upper() + text[1:]
