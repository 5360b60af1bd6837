"""The Promise Progress Framework as data: the files in `framework/`, read, checked against each other, put in order.

What a file looks like is in `framework_model`, what must hold between files in `framework_rules`.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TypeVar

from promise.catalogue.framework_commitments import Recommendations, Reports
from promise.catalogue.framework_indicators import Indicator
from promise.catalogue.framework_model import (
    DataGaps,
    EvidenceFile,
    Framework,
    RouteMap,
    Thresholds,
    WhatMatters,
)
from promise.catalogue.framework_organisation_rules import organisation_faults
from promise.catalogue.framework_organisations import Organisations, Responsibilities
from promise.catalogue.framework_qualifiers import Qualifiers
from promise.catalogue.framework_rules import Files, faults
from promise.catalogue.framework_signals import Signals
from promise.catalogue.framework_small_numbers import SmallNumbers
from promise.catalogue.framework_statements import VisionStatement
from promise.catalogue.framework_targets import Answers, Targets
from promise.catalogue.framework_totals import Totals
from promise.catalogue.sources import FOLDER as SOURCES
from promise.catalogue.sources import read_folder
from promise.settings import ROOT
from promise.strict import CatalogueError, Strict, load_yaml, shown

FOLDER = ROOT / "framework"
MODELS = ROOT / "dbt" / "models" / "marts" / "indicators"

Item = TypeVar("Item", bound=Strict)


def _folder(folder: Path, model: type[Item]) -> dict[Path, Item]:
    """Every file of a folder. An empty folder is an incomplete checkout, not an empty framework."""
    found = {path: load_yaml(path, model) for path in sorted(folder.glob("*.yml"))}
    if not found:
        raise CatalogueError(f"{shown(folder)}: no *.yml file in it; the checkout is incomplete, restore them")
    return found


@functools.cache
def framework(folder: Path = FOLDER, sources: Path = SOURCES, models: Path = MODELS) -> Framework:
    """The framework as the files describe it. Raises CatalogueError listing every fault: file, key, remedy."""
    organisations = load_yaml(folder / "organisations.yml", Organisations)
    files = Files(
        folder=folder,
        sources=read_folder(sources),
        models={path.stem.removeprefix("indicator__"): path for path in sorted(models.glob("indicator__*.sql"))},
        statements=_folder(folder / "vision_statements", VisionStatement),
        indicators=_folder(folder / "indicators", Indicator),
        thresholds=load_yaml(folder / "thresholds.yml", Thresholds),
        qualifiers=load_yaml(folder / "qualifiers.yml", Qualifiers),
        totals=load_yaml(folder / "totals.yml", Totals),
        signals=load_yaml(folder / "signals.yml", Signals),
        small_numbers=load_yaml(folder / "small_numbers.yml", SmallNumbers),
        organisations=organisations,
        answers=Answers(
            responsibilities=load_yaml(folder / "responsibilities.yml", Responsibilities),
            reports=load_yaml(folder / "reports.yml", Reports),
            recommendations=load_yaml(folder / "recommendations.yml", Recommendations),
            targets=load_yaml(folder / "targets.yml", Targets),
        ),
        what_matters=load_yaml(folder / "what_matters.yml", WhatMatters),
        route_maps=_folder(folder / "route_maps", RouteMap),
        evidence=load_yaml(folder / "evidence.yml", EvidenceFile),
        data_gaps=load_yaml(folder / "data_gaps.yml", DataGaps),
    )
    if found := [*faults(files), *organisation_faults(files)]:
        raise CatalogueError("\n".join(found))
    statements = tuple(sorted(files.statements.values(), key=lambda each: each.number))
    return Framework(
        vision_statements=statements,
        by_id={
            each.id: each
            for statement in statements
            for outcome in statement.outcomes
            for each in sorted(files.under(outcome), key=lambda indicator: indicator.place)
        },
        thresholds={each.id: each for each in files.thresholds.thresholds},
        qualifiers=files.qualifiers.qualifiers,
        totals=files.totals,
        small_numbers=files.small_numbers,
        signals=files.signals.signals,
        organisations=organisations.everyone(),
        groups=organisations,
        answers=files.answers,
        what_matters=files.what_matters,
        route_maps=tuple(files.route_maps.values()),
        evidence=files.evidence.evidence,
        general_gaps=files.data_gaps.data_gaps,
    )
