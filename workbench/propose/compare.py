"""One state of the dashboard beside one checkout: everything that differs, on one desk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from promise.catalogue.framework import framework
from promise.catalogue.sources import Source
from promise.settings import ROOT
from promise.strict import load_yaml
from workbench.propose import figures, gaps, indicators, places, review, wording
from workbench.propose.desk import Desk
from workbench.propose.draft import Draft
from workbench.propose.state import State


@dataclass(frozen=True)
class Proposal:
    """What is proposed: a patch, and the page that goes with it. `differs` is false when there is nothing to say."""

    state: State
    differs: bool
    changes: int
    questions: int
    figures: int
    patch: str
    review: str

    @property
    def name(self) -> str:
        """The same for the same state, on whatever day it is looked at."""
        return f"{self.state.taken_on.isoformat()}_{self.state.words.snapshot_id[:12]}"


def compare(state: State, root: Path = ROOT) -> Proposal:
    """Compare a landed state with the checkout below `root`, and change nothing.

    Raises CatalogueError when `framework/` is not as it should be: an earlier proposal may not be finished.
    """
    ours = framework(
        root / "framework", root / "ingestion" / "sources", root / "dbt" / "models" / "marts" / "indicators"
    )
    source = load_yaml(root / figures.ENTRY, Source)
    desk = Desk(root, state, ours, source, Draft(root))
    held = figures.held(root, source)
    found = places.find(desk, held)
    figures.edition(desk, held)
    indicators.known(desk, found, held)
    indicators.new(desk, found)
    wording.statements(desk, found)
    wording.outcomes(desk, found)
    gaps.filled(desk)
    gaps.stated(desk, found)
    wording.gone(desk)
    differing = list(figures.differences(state, held))
    return Proposal(
        state=state,
        differs=bool(desk.changes or desk.questions or differing),
        changes=len(desk.changes),
        questions=len(desk.questions),
        figures=len(differing),
        patch=desk.draft.patch(),
        review=review.text(desk, differing),
    )
