"""Which statement, outcome or indicator of ours each page is about. What cannot be told from the page is asked.

A page is known by its address; an indicator's page also by the label under which the bundle has its figures. That a
name reads alike says nothing: two indicators may, and then a person says.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ingestion.connectors.dashboard_pages import PageWords, outcome_number
from promise.catalogue.framework_indicators import Indicator
from promise.catalogue.framework_statements import Outcome, VisionStatement
from workbench.propose.desk import Desk, code
from workbench.propose.figures import Held
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


def find(desk: Desk, held: Held) -> Places:
    """Match every page, and ask of each that cannot be matched."""
    places = Places()
    for place in sorted({each.split("/")[0] for each in desk.state.pages if each}):
        if statement := _statement(desk, place, places):
            places.statements[place] = statement
    for place in sorted({"/".join(each.split("/")[:2]) for each in desk.state.pages if "/" in each}):
        outcome = _outcome(desk, place, places)
        if outcome and outcome.id in {each.id for each in places.outcomes.values()}:
            desk.ask(desk.url(place), f"is one of several pages of {outcome.id}: which is it?")
        elif outcome:
            places.outcomes[place] = outcome
    for place, page in desk.state.level(3):
        _indicator(desk, place, page, held, places)
    return places


def _statement(desk: Desk, place: str, places: Places) -> VisionStatement | None:
    page = desk.state.pages.get(place)
    printed = page.statement_number if page else ""
    for each in desk.framework.vision_statements:
        if each.dashboard_slug == place:
            return each
    url = page.url if page else f"{desk.state.address}/{place}"
    for each in desk.framework.vision_statements:
        if str(each.number) != printed:
            continue
        if each.dashboard_slug is None and each not in places.statements.values():
            return each
        other = each.dashboard_slug or "another page"
        desk.ask(
            url, f"says that it is of vision statement {each.number}, which we know at {code(other)}: has it moved?"
        )
        return None
    desk.ask(
        url,
        f"is headed {code(page.title if page else '')}, and its vision statement is not known: it prints no number, "
        f"and no `dashboard_slug` of framework/vision_statements/ is {code(place)}. Write it there, and propose again.",
    )
    return None


def _outcome(desk: Desk, place: str, places: Places) -> OutcomeAt | None:
    slug, part = place.split("/")
    statement = places.statements.get(slug)
    if statement is None:
        return None  # asked already, of the page above
    official = [each for each in statement.outcomes if each.publication_state != "proposed"]
    for each in official:
        if desk.ours(each.source_url) == place:
            return OutcomeAt(statement, each.number, each)
    number = outcome_number(part)
    if not number:
        desk.ask(
            desk.url(place),
            f"stands under {statement.id}, and its address does not say the how-manyth outcome it is. Add the outcome "
            f"to {desk.file_of(statement)} with this page as its `source_url`, and propose again.",
        )
        return None
    return OutcomeAt(statement, int(number), next((each for each in official if each.number == int(number)), None))


def _indicator(desk: Desk, place: str, page: PageWords, held: Held, places: Places) -> None:
    above = places.outcomes.get(place.rsplit("/", 1)[0])
    labels = held.labels.get(place, set()) | {page.title}
    ours = {each.id: each for _, _, each in desk.framework.indicators()}
    found = {key for key, each in ours.items() if desk.ours(each.source_url) == place} or {
        key
        for key, each in ours.items()
        for measure in each.measures
        for series in measure.series
        if series.source == SOURCE and series.label in labels
    }
    if len(found) == 1:
        indicator = ours[found.pop()]
        if indicator.publication_state == "proposed":
            desk.ask(page.url, f"is the page of {indicator.id}, which we propose: is it the framework's now?")
        elif indicator in places.indicators.values():
            desk.ask(page.url, f"is one of several pages of {indicator.id}: which is it?")
        else:
            places.indicators[place] = indicator
        return
    if found:
        desk.ask(
            page.url, f"may be the page of any of {', '.join(sorted(found))}: they share address or label. Correct it."
        )
        return
    if above is None or place not in desk.state.rows:
        return  # asked already, of the page above; or a page that only says that evidence is missing
    alike = [each for each in ours.values() if each.name.casefold() == page.title.casefold()]
    if alike:
        names = ", ".join(each.id for each in alike)
        desk.ask(
            page.url,
            f"is headed {code(page.title)}, as {names} is named, and nothing else says that it is the same. If it is, "
            "write this page as its `source_url` and propose again; else begin it with `promise new indicator`.",
        )
        return
    places.new[place] = above
