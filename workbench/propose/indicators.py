"""Indicators: those that we know, as their pages are now, and what the pages say of those that we do not."""

from __future__ import annotations

from promise.catalogue.framework_indicators import Indicator
from promise.catalogue.framework_measures import Measure, Series
from promise.vocabulary import UnknownValue
from promise.vocabulary.periods import read_period
from workbench.propose.figures import Bundled
from workbench.propose.places import OutcomeAt, Places
from workbench.propose.review import Change, Review, code, new_entry
from workbench.propose.state import SOURCE

FOLDER = "framework/indicators"
DATES = ("last_updated", "next_update_due")


def known(review: Review, places: Places, bundled: Bundled) -> None:
    """Name, address and dates of each indicator as its page has them, and the label of its figures."""
    for place, indicator in sorted(places.indicators.items()):
        page, rows = review.state.pages[place], review.state.rows.get(place, [])
        printed = {"name": page.title, "source_url": page.url} | {key: rows[0][key] for key in DATES if rows}
        for key, after in printed.items():
            before = getattr(indicator, key)
            if key == "source_url" and review.ours(before) == place:
                continue
            if not after and before:
                review.ask(page.url, f"prints nothing for `{key}` of {indicator.id}, which is {code(before)} here.")
            elif after and after != before:
                review.changes.append(Change(f"{FOLDER}/{indicator.id}.yml", key, page.url, {key: (before, after)}))
        above = places.outcomes.get(place.rsplit("/", 1)[0])
        if above and above.id != indicator.outcome:
            review.ask(
                page.url, f"stands under {above.id}, and {indicator.id} under {indicator.outcome}: was it moved?"
            )
        if rows and place not in bundled.labels:
            review.first_figures[indicator.id] = page.url
        _series(review, indicator, place, bundled)


def _series(review: Review, indicator: Indicator, place: str, bundled: Bundled) -> None:
    """The page's heading is a further label of the series that it is known by; what no series reads is asked about."""
    page = review.state.pages[place]
    periods: dict[str, list[str]] = {}
    for row in review.state.rows.get(place, []):
        periods.setdefault(row["column_heading"], []).append(row["period_as_published"])
    read = {each.key: measure.id for _, measure, each in review.framework.series()}
    for heading, labels in periods.items():
        feeds = read.get((SOURCE, page.title, heading))
        same = [
            (measure, each)
            for measure in indicator.measures
            for each in measure.series
            if (each.source, each.heading) == (SOURCE, heading)
            and each.label in bundled.labels.get(place, set()) | {page.title}
        ]
        if feeds and feeds not in {measure.id for measure in indicator.measures}:
            review.ask(page.url, f"has figures {code(heading)} that feed {feeds}, which is not of {indicator.id}.")
        elif not same:
            review.ask(
                page.url,
                f"has a table heading that no series of {indicator.id} reads: {code(heading)}, with "
                f"{', '.join(map(code, sorted(labels)))}. Which measure is it of?",
            )
        else:
            measure, series = same[-1]
            _odd_periods(review, page.url, measure, series, labels)
            if not feeds:
                review.changes.append(Change(
                    f"{FOLDER}/{indicator.id}.yml", f"measures, {measure.id}, series: a further entry", page.url,
                    {"label": (series.label, page.title)},
                    f"Copy the entry of this label with heading {code(heading)}, and give the copy the new one. The "
                    "page is known by its address; its own heading is how an ingest labels its figures.",
                ))  # fmt: skip


def _odd_periods(review: Review, url: str, measure: Measure, series: Series, labels: list[str]) -> None:
    explained = {each.label for each in series.period_exceptions}
    odd = [label for label in labels if label not in explained and not _reads(label, series.period_style)]
    if odd:
        review.ask(
            url,
            f"prints periods that are no {series.period_style}, as which {measure.id} reads them: "
            f"{', '.join(map(code, odd))}. What do they mean? Add them to its `period_exceptions`.",
        )


def _reads(label: str, style: str) -> bool:
    try:
        read_period(label, style)
    except UnknownValue:
        return False
    return True


def new(review: Review, places: Places) -> None:
    """What the page of each indicator says that we have no entry for."""
    for place, above in sorted(places.new.items()):
        page, rows = review.state.pages[place], review.state.rows[place]
        printed = {
            "outcome": above.id, "name": page.title, "publication_state": "published",
            **{key: rows[0][key] for key in DATES if rows[0][key]}, "source_url": page.url,
        }  # fmt: skip
        headings = dict.fromkeys(row["column_heading"] for row in rows)
        periods = sorted({row["period_as_published"] for row in rows})
        review.changes.append(Change(
            FOLDER, "a new indicator", page.url, new_entry(printed),
            f"Begin it with `promise new indicator`, from the source {SOURCE} with its name as label. Its id is never "
            f"changed again, and is the name of its file. Its table has {', '.join(map(code, headings))}, and periods "
            f"{', '.join(map(code, periods))}: each heading needs a measure. "
            f"The `publication_state` of what stands above it follows.{_or_one_of(review, places, above)}",
        ))  # fmt: skip


def _or_one_of(review: Review, places: Places, above: OutcomeAt) -> str:
    """The indicators of the same outcome whose page is not known: the page may be of one of these."""
    found = {each.id for each in places.indicators.values()}
    without = [
        f"{each.id} ({code(each.name)})"
        for _, outcome, each in review.framework.indicators()
        if outcome.id == above.id and each.publication_state == "published" and each.id not in found
    ]
    if not without:
        return ""
    return (
        f" Or is it one of these, whose page on the dashboard is not known: {', '.join(without)}? Then write the page "
        "as that one's `source_url`."
    )
