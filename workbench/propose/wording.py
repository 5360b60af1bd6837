"""Statements and outcomes: their official words, and what of them is published."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import yaml

from ingestion.connectors.dashboard_pages import LABEL, PageWords
from promise.catalogue.framework_statements import VisionStatement
from workbench.propose.desk import Change, Desk, code
from workbench.propose.places import OutcomeAt, Places
from workbench.yaml_text import Value, mapping


def statements(desk: Desk, places: Places) -> None:
    """Draft the name and the words of each statement whose page says otherwise."""
    for place, statement in sorted(places.statements.items()):
        page = desk.state.pages.get(place)
        if page is None:
            continue
        file = desk.file_of(statement)
        if statement.dashboard_slug is None:
            desk.draft.yaml(file).set(["dashboard_slug"], place)
            desk.changes.append(Change(file, "dashboard_slug", page.url, None, place))
        name = _name(desk, page)
        if name and name not in (statement.name, page.statement):
            desk.draft.yaml(file).set(["name"], name)
            desk.changes.append(Change(file, "name", page.url, statement.name, name))
        _statement(desk, statement, page, name)


def _statement(desk: Desk, statement: VisionStatement, page: PageWords, name: str) -> None:
    file = desk.file_of(statement)
    said = page.statement if page.statement not in (name, statement.name) else ""
    index = desk.state.pages.get("")
    printed = [*page.lines, *(index.lines if index else ())]
    if said and said != statement.statement:
        draft = desk.draft.yaml(file)
        draft.set(["statement"], said)
        draft.set(["statement_source_url"], page.url)
        note = f" `wording_note` says: {code(statement.wording_note)}." if statement.wording_note else ""
        desk.changes.append(
            Change(file, "statement", page.url, statement.statement, said, f"Is this the statement, whole?{note}")
        )
    elif not said and not any(statement.statement in line for line in printed):
        desk.ask(
            page.url,
            f"prints the words of {statement.id} neither as we have them nor where it labels them, and the dashboard's "
            f"own page does not either. We have: {code(statement.statement)}",
        )


def outcomes(desk: Desk, places: Places) -> None:
    """Draft the words and the state of each outcome, those that we have no entry for, and what follows above."""
    published: dict[str, str] = {}
    for place, at in sorted(places.outcomes.items(), key=lambda each: (each[1].statement.id, each[1].number)):
        more = next((new for new in sorted(places.new) if new.startswith(f"{place}/")), None)
        state = "published" if more or (at.known and at.known.publication_state == "published") else "gap"
        words = _words(desk, place, at)
        if at.known is None:
            _new(desk, place, at, words, state)
        else:
            _known(desk, place, at, words, state)
        if more:
            desk.new_indicators[at.id] = desk.url(more)
        if state == "published":
            published[at.statement.id] = desk.url(place)
    for statement in desk.framework.vision_statements:
        if statement.publication_state == "gap" and statement.id in published:
            file = desk.file_of(statement)
            draft = desk.draft.yaml(file)
            draft.set(["publication_state"], "published")
            draft.set(["gap_statement"], None)
            desk.changes.append(Change(
                file, "publication_state and gap_statement", published[statement.id],
                f"gap: {statement.gap_statement}", "published", "It follows from an indicator that is published below.",
            ))  # fmt: skip
        elif statement.gap_statement and statement.id in desk.new_outcomes:
            desk.ask(
                desk.new_outcomes[statement.id],
                f"gives an outcome of {statement.id}, which stays a gap. Does its `gap_statement` still hold? It says: "
                f"{code(statement.gap_statement)}",
            )


def _known(desk: Desk, place: str, at: OutcomeAt, words: str, state: str) -> None:
    known, page = at.known, desk.state.pages.get(place)
    assert known is not None
    file, url, where = desk.file_of(at.statement), desk.url(place), ["outcomes", at.id]
    if words and words != known.text:
        desk.draft.yaml(file).set([*where, "text"], words)
        desk.changes.append(Change(file, f"{at.id}: text", url, known.text, words, "Is this the outcome, whole?"))
        if known.text is None:
            desk.new_words[at.id] = url
    elif page and not words and known.text and not any(known.text in line for line in page.lines):
        desk.ask(url, f"does not print the words of {at.id} as we have them: {code(known.text)}")
    if page and words and desk.ours(known.source_url) != place:
        desk.draft.yaml(file).set([*where, "source_url"], page.url)
        desk.changes.append(Change(file, f"{at.id}: source_url", url, known.source_url, page.url))
    if state != known.publication_state:
        desk.draft.yaml(file).set([*where, "publication_state"], state)
        note = f" `note` says: {code(known.note)}." if known.note else ""
        desk.changes.append(Change(
            file, f"{at.id}: publication_state", url, known.publication_state, state,
            f"It follows from an indicator that is published below.{note}",
        ))  # fmt: skip


def _new(desk: Desk, place: str, at: OutcomeAt, words: str, state: str) -> None:
    file, url = desk.file_of(at.statement), desk.url(place)
    entry: dict[str, Value] = {
        "id": at.id, "number": at.number, "text": words or None, "earlier_text": None, "source_url": url,
        "publication_state": state, "note": None,
    }  # fmt: skip
    draft = desk.draft.yaml(file)
    there = yaml.safe_load(draft.text)["outcomes"]
    position = sum(1 for each in there if each["publication_state"] != "proposed" and each["number"] < at.number)
    draft.insert(["outcomes"], position, mapping(entry), apart=True)
    ours = [each for each in at.statement.outcomes if each.publication_state == "proposed"]
    decide = "Is this the outcome, whole?" if words else "The page's words for it were not found: write them."
    for each in ours:
        decide += f" We propose {each.id}, {code(each.text or '')}: does it stand beside it, or is it retired?"
    desk.changes.append(Change(file, f"{at.id}: a new outcome", url, None, words or None, decide))
    desk.new_outcomes[at.statement.id] = url
    if words:
        desk.new_words[at.id] = url


def _words(desk: Desk, place: str, at: OutcomeAt) -> str:
    """The outcome's words, on its page or on those below it; nothing, and a question, where they disagree."""
    page = desk.state.pages.get(place)
    said = {page.outcome} if page and page.outcome else set(_below(desk, place))
    if not said and page and page.title:
        vision = desk.state.pages.get(place.split("/", maxsplit=1)[0])
        names = {at.statement.name, at.statement.statement, *([_name(desk, vision), vision.title] if vision else [])}
        said = {_name(desk, page)} - names - {""}
    if len(said) > 1:
        listed = "; ".join(map(code, sorted(said)))
        desk.ask(desk.url(place), f"and the pages below it have several wordings of {at.id}: {listed}. Which is it?")
        return ""
    return said.pop() if said else ""


def _below(desk: Desk, place: str) -> Iterator[str]:
    for below, page in desk.state.level(3):
        if below.startswith(f"{place}/") and page.outcome not in ("", page.title):
            yield page.outcome


def _name(desk: Desk, page: PageWords) -> str:
    """A page's heading without "Vision statement three:" before it; nothing where other pages have the same."""
    if sum(each.title == page.title for each in desk.state.pages.values()) > 1:
        return ""
    said = LABEL.fullmatch(page.title)
    return said["rest"] if said else page.title


def gone(desk: Desk) -> None:
    """Ask of every page of ours on the dashboard that is not there any more."""
    ours: Iterable[tuple[str, str, str | None]] = [
        *((each.id, "vision statement", each.dashboard_slug and f"{desk.source.landing_page}/{each.dashboard_slug}")
          for each in desk.framework.vision_statements),
        *((each.id, "outcome", each.source_url) for _, each in desk.framework.outcomes()),
        *((each.id, "indicator", each.source_url) for _, _, each in desk.framework.indicators()),
    ]  # fmt: skip
    for identifier, kind, address in ours:
        place = desk.ours(address)
        if place and place not in desk.state.pages and address:
            desk.ask(
                address, f"is gone: it was the page of the {kind} {identifier}. Has it moved, or is it no longer shown?"
            )
