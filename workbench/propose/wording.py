"""Statements, outcomes and gaps: their official words, and what is missing no more."""

from __future__ import annotations

from collections.abc import Iterable

from ingestion.connectors.dashboard_pages import LABEL, PageWords
from promise.catalogue.framework_statements import DataGap, Outcome, VisionStatement
from workbench.propose.places import OutcomeAt, Places
from workbench.propose.review import Change, Review, code, new_entry


def statements(review: Review, places: Places) -> None:
    """The name and the words of each statement whose page says otherwise."""
    for place, statement in sorted(places.statements.items()):
        page = review.state.pages.get(place)
        if page is None:
            continue
        file, name = review.file_of(statement), _name(review, page)
        if statement.dashboard_slug is None:
            review.changes.append(Change(file, "dashboard_slug", page.url, {"dashboard_slug": (None, place)}))
        if name and name not in (statement.name, page.statement):
            review.changes.append(Change(file, "name", page.url, {"name": (statement.name, name)}))
        _statement(review, statement, page, name)


def _statement(review: Review, statement: VisionStatement, page: PageWords, name: str) -> None:
    text = page.statement if page.statement not in (name, statement.name) else ""
    index = review.state.pages.get("")
    printed = [*page.lines, *(index.lines if index else ())]
    if text and text != statement.statement:
        note = f" `wording_note` says: {code(statement.wording_note)}." if statement.wording_note else ""
        values: dict[str, tuple[str | None, str]] = {"statement": (statement.statement, text)}
        if statement.statement_source_url != page.url:
            values["statement_source_url"] = (statement.statement_source_url, page.url)
        review.changes.append(
            Change(review.file_of(statement), "statement", page.url, values, f"Is this the statement, whole?{note}")
        )
    elif not text and not any(statement.statement in line for line in printed):
        review.ask(
            page.url,
            f"prints the words of {statement.id} neither as we have them nor where it labels them, and the dashboard's "
            f"own page does not either. We have: {code(statement.statement)}",
        )


def outcomes(review: Review, places: Places) -> None:
    """The words of each outcome, and those that we have no entry for."""
    for place, at in sorted(places.outcomes.items(), key=lambda each: (each[1].statement.id, each[1].number)):
        text = _words(review, place, at)
        if at.known is None:
            _new(review, place, at, text)
        else:
            _known(review, place, at.known, review.file_of(at.statement), text)
        if more := next((new for new in sorted(places.new) if new.startswith(f"{place}/")), None):
            review.new_indicators[at.id] = review.url(more)


def _known(review: Review, place: str, known: Outcome, file: str, text: str) -> None:
    page, url, what = review.state.pages.get(place), review.url(place), f"outcomes, {known.id}"
    if text and text != known.text:
        values = {"text": (known.text, text)}
        review.changes.append(Change(file, f"{what}: text", url, values, "Is this the outcome, whole?"))
        if known.text is None:
            review.new_words[known.id] = url
    elif page and not text and known.text and not any(known.text in line for line in page.lines):
        review.ask(url, f"does not print the words of {known.id} as we have them: {code(known.text)}")
    if page and text and review.ours(known.source_url) != place:
        values = {"source_url": (known.source_url, page.url)}
        review.changes.append(Change(file, f"{what}: source_url", url, values))


def _new(review: Review, place: str, at: OutcomeAt, text: str) -> None:
    url = review.url(place)
    decide = "Is this the outcome, whole?" if text else "The page's words for it were not found: write them."
    for each in at.statement.outcomes:
        if each.publication_state == "proposed":
            decide += f" We propose {each.id}, {code(each.text or '')}: does it stand beside it, or is it retired?"
    if at.statement.gap_statement:
        decide += f" Does the `gap_statement` still hold? It says: {code(at.statement.gap_statement)}"
    values = {"id": at.id, "number": str(at.number)} | ({"text": text} if text else {}) | {"source_url": url}
    review.changes.append(
        Change(review.file_of(at.statement), f"outcomes, {at.id}: a new entry", url, new_entry(values), decide)
    )
    review.new_outcomes[at.statement.id] = url
    if text:
        review.new_words[at.id] = url


def filled(review: Review) -> None:
    """Each gap of our copies that a page fills now."""
    for statement in review.framework.vision_statements:
        for gap in statement.data_gaps:
            if gap.about == "our_copy" and (page := _filled_by(review, statement, gap)):
                review.changes.append(Change(
                    review.file_of(statement), f"data_gaps, {gap.id}: filled", page, {},
                    f"It says: {code(gap.description)} Does the page fill all of it? Then take it out, else write what "
                    "is missing still. A statement that stays a gap lists at least one.",
                ))  # fmt: skip


def _filled_by(review: Review, statement: VisionStatement, gap: DataGap) -> str:
    """The page that fills a gap of our copies; empty where none does."""
    if gap.kind == "figures_unknown":
        return review.first_figures.get(gap.indicator or "", "")
    if gap.indicator:
        return ""
    if gap.outcome is None:
        return review.new_outcomes.get(statement.id, "")
    known = next(each for each in statement.outcomes if each.id == gap.outcome)
    return (review.new_indicators if known.text else review.new_words).get(gap.outcome, "")


def missing(review: Review, places: Places) -> None:
    """Each page that says that evidence is missing, unless we have a gap of that page."""
    for place, page in [*review.state.level(2), *review.state.level(3)]:
        at = places.outcomes.get("/".join(place.split("/")[:2]))
        if not page.gaps:
            continue
        text = " ".join(dict.fromkeys(page.gaps))
        if at is None:
            review.ask(
                page.url, f"says that evidence is missing, and which outcome it is of is not known: {code(text)}"
            )
            continue
        listed = [gap for gap in at.statement.data_gaps if gap.about == "evidence" and gap.outcome == at.id]
        if place in map(review.ours, (gap.source_url for gap in listed)):
            continue
        indicator = places.indicators.get(place)
        values = {"outcome": at.id, "description": text, "source_url": page.url}
        if indicator and indicator.outcome == at.id:
            values["indicator"] = indicator.id
        review.changes.append(Change(
            review.file_of(at.statement), f"data_gaps, {at.id}: a new gap of evidence", page.url,
            new_entry(values),
            "Of what kind is it, who could fill it, and what is missing in our words? Is it one that we list already?",
        ))  # fmt: skip


def _words(review: Review, place: str, at: OutcomeAt) -> str:
    """The outcome's words, on its page or on those below it; nothing, and a question, where they disagree."""
    page = review.state.pages.get(place)
    below = [each for inside, each in review.state.level(3) if inside.startswith(f"{place}/")]
    texts = {page.outcome} if page and page.outcome else {each.outcome for each in below if each.outcome != each.title}
    texts -= {""}
    if not texts and page and page.title:
        vision = review.state.pages.get(place.split("/", maxsplit=1)[0])
        names = {at.statement.name, at.statement.statement, *([_name(review, vision), vision.title] if vision else [])}
        texts = {_name(review, page)} - names - {""}
    if len(texts) > 1:
        listed = "; ".join(map(code, sorted(texts)))
        review.ask(review.url(place), f"and the pages below have several wordings of {at.id}: {listed}. Which is it?")
        return ""
    return texts.pop() if texts else ""


def _name(review: Review, page: PageWords) -> str:
    """A page's heading without "Vision statement three:" before it; nothing where other pages have the same."""
    if sum(each.title == page.title for each in review.state.pages.values()) > 1:
        return ""
    said = LABEL.fullmatch(page.title)
    return said["rest"] if said else page.title


def gone(review: Review) -> None:
    """Ask of every page of ours on the dashboard that is not there any more."""
    ours: Iterable[tuple[str, str, str | None]] = [
        *((each.id, "vision statement", each.dashboard_slug and f"{review.source.landing_page}/{each.dashboard_slug}")
          for each in review.framework.vision_statements),
        *((each.id, "outcome", each.source_url) for _, each in review.framework.outcomes()),
        *((each.id, "indicator", each.source_url) for _, _, each in review.framework.indicators()),
    ]  # fmt: skip
    for identifier, kind, address in ours:
        place = review.ours(address)
        if place and place not in review.state.pages and address:
            review.ask(
                address, f"is gone: it was the page of the {kind} {identifier}. Has it moved, or is it no longer shown?"
            )
