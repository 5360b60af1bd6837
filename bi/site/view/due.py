"""The calendar: what was due before the release and has not come, what is due next, and of what no date is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from bi.site import rows, words
from bi.site.view.common import Content


@dataclass(frozen=True)
class Due:
    """Something that is to be published, with whom it is owed by and where it stands on the day of the build."""

    title: str
    who: str
    kind: str
    frequency: str
    last: str
    until: date | None
    expected: str
    state: str
    state_word: str
    overdue: bool
    basis: str
    url: str | None

    @property
    def coming(self) -> bool:
        """Whether it is still to come, and when is known."""
        return self.until is not None and self.state in words.COMING


@dataclass(frozen=True)
class Month:
    """What is expected by the end of a month."""

    title: str
    dues: tuple[Due, ...]


@dataclass(frozen=True)
class Calendar:
    """The page. What every council owes alike stands once, with how many owe it."""

    as_at: str
    overdue: tuple[Due, ...]
    months: tuple[Month, ...]
    passed: tuple[Due, ...]  # the day has passed, and our copy is too old to say whether the next is out
    unknown: tuple[Due, ...]


def calendar(content: Content) -> Calendar:
    """The calendar of this release."""
    every = dues(content)
    coming = [each for each in every if each.coming]
    days = [*(row.as_at for row in content.marts.owed), *(row.as_at for row in content.marts.expected)]
    return Calendar(
        as_at=words.day(max(days)) if days else words.day(content.marts.release.released_at.date()),
        overdue=tuple(each for each in every if each.overdue),
        months=tuple(Month(title, tuple(some)) for title, some in groupby(coming, key=_month)),
        passed=tuple(each for each in every if not each.overdue and not each.coming and each.until),
        unknown=tuple(each for each in every if not each.overdue and not each.until),
    )


def dues(content: Content) -> list[Due]:
    """Reports that organisations owe and sources whose next figures are expected, the earliest first."""
    urls = {report.report_id: report.url for report in content.marts.reports}
    together: dict[tuple[object, ...], list[rows.Owed]] = {}
    for row in content.marts.owed:
        same = (row.report_id, row.state, row.expected_from, row.expected_until, row.last_published_on)
        together.setdefault(same, []).append(row)
    found = [owed(content, some, urls.get(some[0].report_id)) for some in together.values()]
    pages = {source.source_id: source.landing_page for source in content.marts.sources}
    found += [_expected(content, row, pages.get(row.source_id)) for row in content.marts.expected]
    return sorted(found, key=lambda each: (each.until is None, each.until or date.max, each.title, each.who))


def owed(content: Content, some: list[rows.Owed], url: str | None) -> Due:
    """A report that one organisation owes, or several alike."""
    row = some[0]
    names = [content.organisation(each.organisation_id) for each in some]
    return Due(
        title=row.title,
        who=words.listed(names) if len(names) < 4 else f"{len(names)} organisations, one each",
        kind=words.plain(row.kind),
        frequency=words.plain(row.frequency),
        last=words.published(row.last_published_on, row.last_published_precision) if row.last_published_on else "",
        until=row.expected_until,
        expected=between(row.expected_from, row.expected_until),
        state=row.state,
        state_word=words.say(words.STATES_OF_DUE, row.state, "state of a report"),
        overdue=row.state in words.OVERDUE,
        basis=row.basis,
        url=url,
    )


def _expected(content: Content, row: rows.Expected, url: str | None) -> Due:
    return Due(
        title=row.title,
        who=content.organisation(row.publisher_organisation_id),
        kind="Figures",
        frequency=words.plain(row.cadence),
        last=words.published(row.last_published_on, row.last_published_precision) if row.last_published_on else "",
        until=row.expected_until,
        expected=between(row.expected_from, row.expected_until),
        state=row.state,
        state_word=words.say(words.STATES_OF_DUE, row.state, "state of a source"),
        overdue=row.state in words.OVERDUE,
        basis=row.basis,
        url=url,
    )


def between(first: date | None, last: date | None) -> str:
    """When something is expected, no more exactly than it is known."""
    if last is None:
        return "no date known"
    if first is None or first == last:
        return f"by {words.day(last)}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{words.MONTHS[first.month - 1]} {first.year}"
    return f"{words.day(first)} to {words.day(last)}"


def _month(due: Due) -> str:
    return f"{words.MONTHS[due.until.month - 1]} {due.until.year}" if due.until else ""
