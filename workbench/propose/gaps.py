"""Gaps that the pages fill, and gaps of evidence that they speak of."""

from __future__ import annotations

import yaml

from promise.catalogue.framework_statements import DataGap, VisionStatement
from promise.strict import QUESTION
from workbench.propose.desk import Change, Desk, code
from workbench.propose.places import Places
from workbench.yaml_text import Value, mapping


def filled(desk: Desk) -> None:
    """Draft away each gap of our copies that a page fills now."""
    for statement in desk.framework.vision_statements:
        for gap in statement.data_gaps:
            page = _filled_by(desk, statement, gap) if gap.about == "our_copy" else ""
            if not page:
                continue
            file = desk.file_of(statement)
            draft = desk.draft.yaml(file)
            content = yaml.safe_load(draft.text)
            if content["publication_state"] == "gap" and len(content["data_gaps"]) == 1:
                desk.ask(page, f"may fill {gap.id}, the last gap of a statement that stays one. What is missing still?")
                continue
            draft.remove(["data_gaps", gap.id])
            desk.changes.append(Change(
                file, f"{gap.id}: filled", page, gap.description, None,
                "Does the page fill all of it? If not, leave this part of the patch out and write what is missing.",
            ))  # fmt: skip


def _filled_by(desk: Desk, statement: VisionStatement, gap: DataGap) -> str:
    """The page that fills a gap of our copies; empty where none does."""
    if gap.kind == "figures_unknown":
        return desk.first_figures.get(gap.indicator or "", "")
    if gap.indicator:
        return ""
    if gap.outcome is None:
        return desk.new_outcomes.get(statement.id, "")
    known = next(each for each in statement.outcomes if each.id == gap.outcome)
    return (desk.new_indicators if known.text else desk.new_words).get(gap.outcome, "")


def stated(desk: Desk, places: Places) -> None:
    """Draft a gap for each page that says that evidence is missing, unless we have one of that page."""
    taken = {gap.id for each in desk.framework.vision_statements for gap in each.data_gaps}
    for place, page in [*desk.state.level(2), *desk.state.level(3)]:
        at = places.outcomes.get("/".join(place.split("/")[:2]))
        if not page.gaps:
            continue
        said = " ".join(dict.fromkeys(page.gaps))
        if at is None:
            desk.ask(page.url, f"says that evidence is missing, and which outcome it is of is not known: {code(said)}")
            continue
        if any(
            gap.about == "evidence" and gap.outcome == at.id and desk.ours(gap.source_url) == place
            for gap in at.statement.data_gaps
        ):
            continue
        indicator = places.indicators.get(place)
        identifier = _free(f"gap_{at.id}_evidence", taken)
        taken.add(identifier)
        entry: dict[str, Value] = {
            "id": identifier,
            "outcome": at.id,
            **({"indicator": indicator.id} if indicator and indicator.outcome == at.id else {}),
            "kind": QUESTION + str(DataGap.model_fields["kind"].description),
            "description": said,
            "since": None,
            "could_be_filled_by": QUESTION + str(DataGap.model_fields["could_be_filled_by"].description),
            "source_url": page.url,
        }
        file = desk.file_of(at.statement)
        draft = desk.draft.yaml(file)
        draft.insert(["data_gaps"], len(yaml.safe_load(draft.text)["data_gaps"]), mapping(entry), apart=True)
        desk.changes.append(Change(
            file, f"{identifier}: a gap of evidence", page.url, None, said,
            "Answer its two questions, and put in our words what is missing. Is it one that we list already?",
        ))  # fmt: skip


def _free(wished: str, taken: set[str]) -> str:
    return next(name for name in (wished, *(f"{wished}_{n}" for n in range(2, 1000))) if name not in taken)
