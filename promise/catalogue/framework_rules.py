"""What must hold between the files of `framework/`, beyond what each file's model says by itself.

Each rule yields finished messages: file, key, what was expected, what to do. All faults are collected, so that a
person corrects a morning's editing in one go.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from promise.catalogue.framework_indicators import Indicator
from promise.catalogue.framework_measures import EVERYONE, Measure, Series, Unit
from promise.catalogue.framework_model import (
    DataGaps,
    EvidenceFile,
    RouteMap,
    Thresholds,
    ThresholdUnit,
    WhatMatters,
)
from promise.catalogue.framework_organisations import Organisations
from promise.catalogue.framework_qualifiers import Qualifiers
from promise.catalogue.framework_signals import Signals
from promise.catalogue.framework_small_numbers import SmallNumbers
from promise.catalogue.framework_statements import DataGap, Outcome, VisionStatement
from promise.catalogue.framework_targets import Answers
from promise.catalogue.framework_totals import Totals
from promise.catalogue.framework_words import POLARITY_OF
from promise.catalogue.sources import Source
from promise.strict import known_ids as _known
from promise.strict import say as _say
from promise.strict import shown

COUNTS: tuple[Unit, ...] = ("count", "average_count")


@dataclass(frozen=True)
class Files:
    """The framework as read, still file by file, so that a fault can name its file."""

    folder: Path
    sources: dict[str, Source]
    models: dict[str, Path]  # the dbt models of indicators that are written by hand
    statements: dict[Path, VisionStatement]
    indicators: dict[Path, Indicator]
    thresholds: Thresholds
    qualifiers: Qualifiers
    totals: Totals
    small_numbers: SmallNumbers
    signals: Signals
    organisations: Organisations
    answers: Answers
    what_matters: WhatMatters
    route_maps: dict[Path, RouteMap]
    evidence: EvidenceFile
    data_gaps: DataGaps

    def under(self, outcome: Outcome) -> list[Indicator]:
        return [each for each in self.indicators.values() if each.outcome == outcome.id]

    def gaps(self) -> Iterator[tuple[Path, VisionStatement | None, DataGap]]:
        for path, statement in self.statements.items():
            yield from ((path, statement, gap) for gap in statement.data_gaps)
        yield from ((self.folder / "what_matters.yml", None, gap) for gap in self.what_matters.data_gaps)
        yield from ((self.folder / "data_gaps.yml", None, gap) for gap in self.data_gaps.data_gaps)

    def organisation_ids(self) -> set[str]:
        return {each.id for each in self.organisations.everyone()}


def faults(files: Files) -> list[str]:
    """Every fault, in the order of the rules below; empty when there is none."""
    return [fault for rule in RULES for fault in rule(files)]


def names(files: Files) -> Iterator[str]:
    """A file can be found by the id of what it describes."""
    for path, statement in files.statements.items():
        if path.stem != statement.id and not path.stem.startswith(f"{statement.id}_"):
            yield _say(path, "id", f"is {statement.id!r}; name the file {statement.id}_….yml or correct the id")
    for path, indicator in files.indicators.items():
        if path.stem != indicator.id:
            yield _say(path, "id", f"is {indicator.id!r}; name the file {indicator.id}.yml or correct the id")
    for path, route_map in files.route_maps.items():
        if path.stem != route_map.id:
            yield _say(path, "id", f"is {route_map.id!r}; name the file {route_map.id}.yml or correct the id")


def _ids(files: Files) -> Iterator[tuple[str, Path, str]]:
    """Every id that is given, with where it is given."""
    for path, statement in files.statements.items():
        yield statement.id, path, "id"
        for outcome in statement.outcomes:
            yield outcome.id, path, f"outcomes[{outcome.id}].id"
    for path, indicator in files.indicators.items():
        yield indicator.id, path, "id"
        for measure in indicator.measures:
            yield measure.id, path, f"measures[{measure.id}].id"
    for path, _, gap in files.gaps():
        yield gap.id, path, f"data_gaps[{gap.id}].id"
    path = files.folder / "thresholds.yml"
    yield from ((each.id, path, f"thresholds[{each.id}].id") for each in files.thresholds.thresholds)
    path = files.folder / "qualifiers.yml"
    yield from ((each.id, path, f"qualifiers[{each.id}].id") for each in files.qualifiers.qualifiers)
    path = files.folder / "signals.yml"
    yield from ((each.id, path, f"signals[{each.id}].id") for each in files.signals.signals)
    for file, given in (("organisations.yml", files.organisations.ids()), *files.answers.ids()):
        yield from ((identifier, files.folder / file, key) for identifier, key in given)
    path = files.folder / "what_matters.yml"
    yield from ((each.id, path, f"questions[{each.id}].id") for each in files.what_matters.questions)
    for path, route_map in files.route_maps.items():
        # A foundation and a publisher's theme may share a word, so themes carry a prefix of ours.
        yield route_map.id, path, "id"
        for theme in route_map.themes:
            yield theme.id, path, f"themes[{theme.id}].id"
    path = files.folder / "evidence.yml"
    yield from ((each.id, path, f"evidence[{each.id}].id") for each in files.evidence.evidence)


def unique_ids(files: Files) -> Iterator[str]:
    """An id means one thing everywhere, whatever kind of thing it is."""
    seen: dict[str, str] = {}
    for identifier, path, key in _ids(files):
        where = f"{shown(path)} ({key})"
        if identifier in seen:
            message = f"{identifier!r} is already used in {seen[identifier]}; choose another id for the newer one"
            yield _say(path, key, message)
        seen.setdefault(identifier, where)


def parents(files: Files) -> Iterator[str]:
    """A statement's id carries its number, an outcome's that and its own; each indicator has its place."""
    for path, statement in files.statements.items():
        if statement.id != f"vs{statement.number:02d}":
            yield _say(path, "number", f"is {statement.number}, but the id is {statement.id!r}; correct one of the two")
        for outcome in statement.outcomes:
            # Ours are counted apart, so that the ids of the framework's own outcomes stay free for them.
            letter = "p" if outcome.publication_state == "proposed" else "o"
            expected = f"{statement.id}_{letter}{outcome.number}"
            if outcome.id != expected:
                key = f"outcomes[{outcome.id}].id"
                yield _say(path, key, f"expected {expected!r} from its statement and number; correct id or number")
    known = {outcome.id: outcome for statement in files.statements.values() for outcome in statement.outcomes}
    places: dict[tuple[str, int], str] = {}
    for path, indicator in files.indicators.items():
        if indicator.outcome not in known:
            message = f"no outcome {indicator.outcome!r} in vision_statements/; add it there or correct it. Known: "
            yield _say(path, "outcome", message + _known(known))
        other = places.setdefault((indicator.outcome, indicator.place), indicator.id)
        if other != indicator.id:
            yield _say(path, "place", f"{indicator.place} is already {other!r}'s under that outcome; choose another")


def models(files: Files) -> Iterator[str]:
    """A model that is written by hand has its indicator, whose file then leaves to it what the figures are made of."""
    indicators = {indicator.id: (path, indicator) for path, indicator in files.indicators.items()}
    for identifier, model in files.models.items():
        if identifier not in indicators:
            message = f"no indicator {identifier!r} in framework/indicators/; describe it there or remove the model"
            yield _say(model, "name", message)
            continue
        path, indicator = indicators[identifier]
        for measure in indicator.measures:
            for name in measure.made_of:
                message = (
                    f"given, but the indicator's SQL is written by hand and does not read it; say it in {model.name}"
                )
                yield _say(path, f"measures[{measure.id}].{name}", f"{message} or remove that file")


def made_of(files: Files) -> Iterator[str]:
    """Figures are made of other measures: ratios of counts, sums of parts in the same unit or of a breakdown."""
    units = {measure.id: measure.unit for indicator in files.indicators.values() for measure in indicator.measures}
    for path, indicator in files.indicators.items():
        for measure in indicator.measures:
            counts = {"numerator": measure.numerator, "denominator": measure.denominator}
            named = [(key, other, COUNTS) for key, other in counts.items() if other is not None]
            named += [("parts", other, (measure.unit,)) for other in measure.parts]
            for key, other, expected in named:
                where = f"measures[{measure.id}].{key}"
                if other == measure.id:
                    yield _say(path, where, f"{other!r} is the measure itself; name another or remove it")
                elif other not in units:
                    yield _say(path, where, f"no measure {other!r} in indicators/; add it or correct the id")
                elif units[other] not in expected:
                    message = f"{other!r} is in {units[other]!r}, expected {' or '.join(expected)}; choose another"
                    yield _say(path, where, message)
            breakdowns = {each.breakdown for each in measure.series} - {"total"}
            if measure.parts_by is not None and measure.parts_by not in breakdowns:
                message = f"no series of this measure is by {measure.parts_by!r}; correct it: {_known(breakdowns)}"
                yield _say(path, f"measures[{measure.id}].parts_by", message)


def states(files: Files) -> Iterator[str]:
    """`published` means that something published stands below, and every gap says what is missing."""
    for path, statement in files.statements.items():
        for outcome in statement.outcomes:
            below = any(indicator.publication_state == "published" for indicator in files.under(outcome))
            if outcome.publication_state == "proposed" and not files.under(outcome):
                message = "no indicator stands under it, though it is proposed; propose one or remove it"
                yield _say(path, f"outcomes[{outcome.id}]", message)
            if (outcome.publication_state == "published") != below:
                key = f"outcomes[{outcome.id}].publication_state"
                found = "an indicator is published under it" if below else "no indicator is published under it"
                yield _say(path, key, f"is {outcome.publication_state!r}, but {found}; correct one of the two")
        below = any(outcome.publication_state == "published" for outcome in statement.outcomes)
        if (statement.publication_state == "published") != below:
            found = "an outcome under it is published" if below else "no outcome under it is published"
            message = f"is {statement.publication_state!r}, but {found}; correct one of the two"
            yield _say(path, "publication_state", message)
        if statement.publication_state == "gap" and not statement.data_gaps:
            message = "empty, though the statement is a gap; say what is missing and who could fill it"
            yield _say(path, "data_gaps", message)


def gaps(files: Files) -> Iterator[str]:
    """A gap's outcome and indicator are those of the statement in whose file it stands."""
    for path, statement, gap in files.gaps():
        here = statement.outcomes if statement else ()
        outcomes = {outcome.id: {each.id for each in files.under(outcome)} for outcome in here}
        if gap.outcome is not None and gap.outcome not in outcomes:
            message = f"no outcome {gap.outcome!r} in this file; correct it. Known: {_known(outcomes)}"
            yield _say(path, f"data_gaps[{gap.id}].outcome", message)
        if gap.indicator is not None:
            known = outcomes.get(gap.outcome, set()) if gap.outcome else set[str]()
            if gap.indicator not in known:
                message = f"no indicator {gap.indicator!r} under the gap's outcome; give both, from this file"
                yield _say(path, f"data_gaps[{gap.id}].indicator", message)


def organisations(files: Files) -> Iterator[str]:
    """Organisations are named by an id of organisations.yml."""
    known = files.organisation_ids()

    def check(path: Path, key: str, given: Iterable[str]) -> Iterator[str]:
        for identifier in given:
            if identifier not in known:
                yield _say(path, key, f"no organisation {identifier!r}; add it to organisations.yml or correct the id")

    for path, indicator in files.indicators.items():
        yield from check(path, "producer", [indicator.producer])
        yield from check(path, "reported_by", indicator.reported_by)
    for path, _, gap in files.gaps():
        yield from check(path, f"data_gaps[{gap.id}].could_be_filled_by", gap.could_be_filled_by)


def totals(files: Files) -> Iterator[str]:
    """A total is of measures that there are."""
    known = {measure.id for indicator in files.indicators.values() for measure in indicator.measures}
    for key, measure_id in files.totals.measures:
        if measure_id not in known:
            yield _say(files.folder / "totals.yml", key, f"no measure {measure_id!r} in indicators/; correct it")


def small_numbers(files: Files) -> Iterator[str]:
    """Who is counted is a measure of councils that has such a count; one figure is of one number of people."""
    path = files.folder / "small_numbers.yml"
    known = {measure.id: measure for indicator in files.indicators.values() for measure in indicator.measures}
    seen: dict[str, str] = {}
    for place, people in enumerate(files.small_numbers.people):
        for name in ("measures", "counted_by"):
            for each in getattr(people, name):
                key = f"people[{place}].{name}"
                if each not in known:
                    yield _say(path, key, f"no measure {each!r} in indicators/; correct it")
                elif known[each].geography != "council":
                    yield _say(path, key, f"{each!r} is not a measure of councils; name one that is, or remove it")
                elif name == "counted_by" and people.counts == "value" and known[each].unit != "count":
                    message = f"{each!r} is in {known[each].unit} and counts nobody; name a count, or write numerator"
                    yield _say(path, key, message)
        for each in (*people.populations, *people.measures):
            if other := seen.get(each):
                message = f"{each!r} stands in {other} too; one number of people is looked at for a figure"
                yield _say(path, f"people[{place}]", message)
            seen.setdefault(each, f"people[{place}]")
    for path, indicator in files.indicators.items():
        for measure in indicator.measures:
            needs_people = measure.geography == "council" and measure.polarity != "neutral"
            if not needs_people or measure.denominator or measure.population in EVERYONE:
                continue
            if measure.id not in seen and measure.population not in seen:
                yield _say(
                    path,
                    f"measures[{measure.id}].population",
                    f"councils would have places by it, and of how many {measure.population!r} nothing says;"
                    " give its denominator, or say who is counted in small_numbers.yml under people. Those of everyone"
                    f" need none: {', '.join(sorted(EVERYONE))}",
                )


def thresholds(files: Files) -> Iterator[str]:
    """Every unit has one rule, and a measure that names another names one that fits its unit."""
    path = files.folder / "thresholds.yml"
    for unit in get_args(Unit):
        rules = [each.id for each in files.thresholds.thresholds if unit in each.units]
        if len(rules) != 1:
            message = f"{unit!r} stands in {len(rules)} of them ({_known(rules)}); each unit has one rule"
            yield _say(path, "thresholds.units", message)
    known = {each.id: each for each in files.thresholds.thresholds}
    for each in known.values():
        for unit in each.units:
            if not _fits(each.unit, unit):
                yield _say(path, f"thresholds[{each.id}].units", f"{unit!r} is not measured in {each.unit}; remove it")
    for path, indicator in files.indicators.items():
        for measure in indicator.measures:
            if measure.threshold is None:
                continue
            key = f"measures[{measure.id}].threshold"
            if measure.threshold not in known:
                message = (
                    f"no {measure.threshold!r} in thresholds.yml; add it there, or remove the key for the unit's own"
                )
                yield _say(path, key, message)
            elif not _fits(known[measure.threshold].unit, measure.unit):
                message = (
                    f"is in {known[measure.threshold].unit}, but the unit is {measure.unit!r}; name another or none"
                )
                yield _say(path, key, message)


def _fits(rule: ThresholdUnit, unit: Unit) -> bool:
    """Shares change by points or as of so many people, differences of shares by points, the rest in relation."""
    allowed: dict[ThresholdUnit, set[str]] = {
        "percentage_point": {"percent", "percentage_points"},
        "people": {"percent"},
        "percent_a_year": {*get_args(Unit)} - {"percentage_points"},
    }
    return unit in allowed[rule]


def same_facts(files: Files) -> Iterator[str]:
    """An indicator is the other side of one that is counted, of the same standing and in the same unit."""
    known = {each.id: each for each in files.indicators.values()}
    for path, indicator in files.indicators.items():
        if indicator.same_fact_as is None:
            continue
        other = known.get(indicator.same_fact_as)
        if other is None or other is indicator:
            yield _say(path, "same_fact_as", f"no other indicator {indicator.same_fact_as!r}; correct it")
        elif other.same_fact_as is not None:
            yield _say(path, "same_fact_as", f"{other.id!r} is itself not counted; name {other.same_fact_as!r}")
        elif other.publication_state != indicator.publication_state:
            yield _say(path, "same_fact_as", f"{other.id!r} is {other.publication_state}, this is not; remove it")
        elif _headline(other).unit != _headline(indicator).unit:
            yield _say(path, "same_fact_as", f"the headline of {other.id!r} is in another unit; remove it")


def _headline(indicator: Indicator) -> Measure:
    return next(each for each in indicator.measures if each.role == "headline")


def measures(files: Files) -> Iterator[str]:
    """Exactly one headline, which agrees with the indicator's direction; comparators are comparable."""
    for path, indicator in files.indicators.items():
        own = {measure.id: measure for measure in indicator.measures}
        for measure in indicator.measures:
            if measure.series and measure.geography not in indicator.geography:
                message = f"is {measure.geography!r}, but the indicator's geography does not name it; correct one"
                yield _say(path, f"measures[{measure.id}].geography", message)
        headlines = [measure.id for measure in indicator.measures if measure.role == "headline"]
        if indicator.headline not in own:
            yield _say(path, "headline", f"no measure {indicator.headline!r} in this file; correct it: {_known(own)}")
        elif headlines != [indicator.headline]:
            message = f"{indicator.headline!r} must be the one measure with role headline; found: {_known(headlines)}"
            yield _say(path, "headline", f"{message}; correct the roles or the headline")
        elif (polarity := own[indicator.headline].polarity) != POLARITY_OF[indicator.direction]:
            message = f"is {polarity!r}, but the indicator's direction is {indicator.direction!r}; correct one of them"
            yield _say(path, f"measures[{indicator.headline}].polarity", message)
        for measure in indicator.measures:
            yield from _comparator(path, measure, own)


def _comparator(path: Path, measure: Measure, own: dict[str, Measure]) -> Iterator[str]:
    if measure.comparator is None:
        return
    key = f"measures[{measure.id}].comparator"
    other = own.get(measure.comparator)
    if other is None:
        yield _say(path, key, f"no measure {measure.comparator!r} in this file; add it or write null")
    elif other.role != "comparator":
        yield _say(path, key, f"{other.id!r} has role {other.role!r}; give it role comparator or choose another")
    elif (other.unit, other.geography) != (measure.unit, measure.geography):
        yield _say(path, key, f"{other.id!r} has another unit or geography, so no gap can be drawn; choose another")


def series(files: Files) -> Iterator[str]:
    """A published series feeds one measure; its source exists and has a place in the indicator's preference."""
    seen: dict[tuple[str, str, str], str] = {}
    for path, indicator in files.indicators.items():
        used: set[str] = set()
        for measure in indicator.measures:
            for position, each in enumerate(measure.series):
                key = f"measures[{measure.id}].series[{position}]"
                used.add(each.source)
                yield from _fed(path, key, each, files.sources)
                if each.key in seen:
                    message = f"{each.label!r} ({each.heading}) of {each.source} already feeds {seen[each.key]!r}"
                    yield _say(path, key, f"{message}; a published series feeds one measure, remove one")
                seen.setdefault(each.key, measure.id)
        if used != set(indicator.source_preference) or len(used) != len(indicator.source_preference):
            message = f"must name each source used by the measures once, best first: {_known(used)}"
            yield _say(
                path, "source_preference", f"{message}; found {', '.join(indicator.source_preference) or 'none'}"
            )
        # Sorted is stable: what is of one kind keeps the order that a person gave it.
        by_kind = sorted(indicator.source_preference, key=lambda each: _is_typed(files.sources.get(each)))
        if by_kind != [*indicator.source_preference]:
            message = "puts what this project typed before what is its publisher's own file or answer"
            yield _say(path, "source_preference", f"{message}; write [{', '.join(by_kind)}]")


def _is_typed(source: Source | None) -> bool:
    return source is not None and source.kind == "transcription"


def _fed(path: Path, key: str, each: Series, known: dict[str, Source]) -> Iterator[str]:
    """What a series names can be loaded: there are figures, and one place says which part."""
    source = known.get(each.source)
    if source is None:
        message = f"no source {each.source!r} in ingestion/sources/; describe it there or correct the id"
        yield _say(path, f"{key}.source", f"{message}. Known: {_known(known)}")
        return
    if source.figures is None:
        message = f"{each.source!r} has no figures; say in its entry which columns they are made of (docs/sources.md)"
        yield _say(path, f"{key}.source", f"{message}, or name another source")
        return
    if source.figures.breakdowns and each.breakdown != "total":
        parts = ", ".join(source.figures.breakdowns)
        message = (
            f"is {each.breakdown!r}, but the rows of {each.source!r} say themselves which part they are of: {parts}"
        )
        yield _say(path, f"{key}.breakdown", f"{message}; remove it")


def route_maps(files: Files) -> Iterator[str]:
    """Themes name vision statements that exist."""
    known = {statement.id for statement in files.statements.values()}
    for path, route_map in files.route_maps.items():
        for theme in route_map.themes:
            for identifier in theme.vision_statements:
                if identifier not in known:
                    message = f"no vision statement {identifier!r}; correct it. Known: {_known(known)}"
                    yield _say(path, f"themes[{theme.id}].vision_statements", message)


def evidence(files: Files) -> Iterator[str]:
    """Evidence names a vision statement and a question that exist, or none."""
    path = files.folder / "evidence.yml"
    statements = {statement.id for statement in files.statements.values()}
    questions = {question.id for question in files.what_matters.questions}
    for each in files.evidence.evidence:
        if each.vision_statement is not None and each.vision_statement not in statements:
            message = f"no vision statement {each.vision_statement!r}; correct it, or write null for all of them"
            yield _say(path, f"evidence[{each.id}].vision_statement", message)
        if each.question is not None and each.question not in questions:
            message = f"no question {each.question!r} in what_matters.yml; correct it or write null"
            yield _say(path, f"evidence[{each.id}].question", message)


RULES = (
    names,
    unique_ids,
    parents,
    models,
    made_of,
    states,
    gaps,
    organisations,
    thresholds,
    same_facts,
    totals,
    small_numbers,
    measures,
    series,
    route_maps,
    evidence,
)
