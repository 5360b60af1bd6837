"""Which statement, outcome or indicator of ours each page is about. What cannot be told from the page is asked.

A page is known by its address; an indicator's page also by the label under which the bundle has its figures. That a
name reads alike says nothing: two indicators may, and then a person says.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ingestion.connectors.dashboard_pages import PageWords, outcome_number
from promise.catalogue.framework_indicators import Indicator
from promise.catalogue.framework_statements import Outcome, VisionStatement
from workbench.propose.figures import Bundled
from workbench.propose.review import Review, code
from workbench.propose.state import SOURCE


@dataclass(frozen=True)
class OutcomeAt:
    """An outcome of the framework; `known` when we have it."""

    statement: VisionStatement
    number: int
    known: Outcome | None

    @property
    def id(self) -> str:
        return self.known.id if self.known else f"{self.statement.id}_o{self.number}"


@dataclass
class Places:
    """What the pages are about, by their addresses below the dashboard."""

    statements: dict[str, VisionStatement] = field(default_factory=dict)
    outcomes: dict[str, OutcomeAt] = field(default_factory=dict)
    indicators: dict[str, Indicator] = field(default_factory=dict)
    new: dict[str, OutcomeAt] = field(default_factory=dict)  # indicators that we have no entry for


def find(review: Review, bundled: Bundled) -> Places:
    """Match every page, and ask of each that cannot be matched."""
    places = Places()
    for place in sorted({each.split("/")[0] for each in review.state.pages if each}):
        if statement := _statement(review, place, places):
            places.statements[place] = statement
    for place in sorted({"/".join(each.split("/")[:2]) for each in review.state.pages if "/" in each}):
        outcome = _outcome(review, place, places)
        if outcome and outcome.id in {each.id for each in places.outcomes.values()}:
            review.ask(review.url(place), f"is one of several pages of {outcome.id}: which is it?")
        elif outcome:
            places.outcomes[place] = outcome
    for place, page in review.state.level(3):
        _indicator(review, place, page, bundled, places)
    return places


def _statement(review: Review, place: str, places: Places) -> VisionStatement | None:
    page = review.state.pages.get(place)
    printed = page.statement_number if page else ""
    for each in review.framework.vision_statements:
        if each.dashboard_slug == place:
            return each
    url = review.url(place)
    for each in review.framework.vision_statements:
        if str(each.number) != printed:
            continue
        if each.dashboard_slug is None and each not in places.statements.values():
            return each
        other = code(each.dashboard_slug or "another page")
        review.ask(url, f"says that it is of vision statement {each.number}, which we know at {other}: has it moved?")
        return None
    review.ask(
        url,
        f"is headed {code(page.title if page else '')}, and its vision statement is not known: it prints no number, "
        f"and no `dashboard_slug` of framework/vision_statements/ is {code(place)}. Write it there, and propose again.",
    )
    return None


def _outcome(review: Review, place: str, places: Places) -> OutcomeAt | None:
    slug, part = place.split("/")
    statement = places.statements.get(slug)
    if statement is None:
        return None  # asked already, of the page above
    official = [each for each in statement.outcomes if each.publication_state != "proposed"]
    for each in official:
        if review.ours(each.source_url) == place:
            return OutcomeAt(statement, each.number, each)
    number = outcome_number(part)
    if not number:
        review.ask(
            review.url(place),
            f"stands under {statement.id}, and its address does not say the how-manyth outcome it is. Add the outcome "
            f"to {review.file_of(statement)} with this page as its `source_url`, and propose again.",
        )
        return None
    return OutcomeAt(statement, int(number), next((each for each in official if each.number == int(number)), None))


def _indicator(review: Review, place: str, page: PageWords, bundled: Bundled, places: Places) -> None:
    above = places.outcomes.get(place.rsplit("/", 1)[0])
    labels = bundled.labels.get(place, set()) | {page.title}
    ours = review.framework.by_id
    found = {key for key, each in ours.items() if review.ours(each.source_url) == place} or {
        each.id for each, _, series in review.framework.series() if series.source == SOURCE and series.label in labels
    }
    if len(found) == 1:
        indicator = ours[found.pop()]
        if indicator.publication_state == "proposed":
            review.ask(page.url, f"is the page of {indicator.id}, which we propose: is it the framework's now?")
        elif indicator in places.indicators.values():
            review.ask(page.url, f"is one of several pages of {indicator.id}: which is it?")
        else:
            places.indicators[place] = indicator
        return
    if found:
        review.ask(
            page.url, f"may be the page of any of {', '.join(sorted(found))}: they share address or label. Correct it."
        )
        return
    if above is None or place not in review.state.rows:
        return  # asked already, of the page above; or a page that only says that evidence is missing
    alike = [each for each in ours.values() if each.name.casefold() == page.title.casefold()]
    if alike:
        names = ", ".join(each.id for each in alike)
        review.ask(
            page.url,
            f"is headed {code(page.title)}, as {names} is named, and nothing else says that it is the same. If it is, "
            "write this page as its `source_url` and propose again; else begin it with `promise new indicator`.",
        )
        return
    places.new[place] = above
