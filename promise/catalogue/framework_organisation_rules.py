"""What must hold between who answers for what and the rest of `framework/`; told as in `framework_rules`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from promise.catalogue.framework_measures import Measure
from promise.catalogue.framework_qualifiers import Qualifier
from promise.catalogue.framework_rules import Files
from promise.catalogue.framework_targets import Target
from promise.strict import known_ids, say
from promise.vocabulary.periods import read_period

NATION = "S92000003"


def organisation_faults(files: Files) -> list[str]:
    """Every fault, in the order of the rules below; empty when there is none."""
    return [fault for rule in RULES for fault in rule(files)]


def area_codes(files: Files) -> Iterator[str]:
    """An area has one council, or one health board."""
    seen: dict[str, str] = {}
    for name, group in files.organisations.groups.items():
        for member in group.members:
            if other := seen.get(member.area_code):
                key = f"{name}.members[{member.id}].area_code"
                message = f"{member.area_code} is already {other!r}'s; look up the current code"
                yield say(files.folder / "organisations.yml", key, message)
            seen.setdefault(member.area_code, member.id)


def _unknown(files: Files, path: Path, key: str, given: Iterable[str], groups: bool = True) -> Iterator[str]:
    """What is no organisation, nor a group of them where one may stand."""
    for identifier in given:
        if identifier in files.organisation_ids() or (groups and identifier in files.organisations.groups):
            continue
        if identifier in files.organisations.groups:
            message = f"{identifier!r} is a group; name the one organisation that did it"
        else:
            message = f"no organisation {identifier!r}; add it to organisations.yml or correct the id"
        yield say(path, key, message)


def responsibilities(files: Files) -> Iterator[str]:
    """Each statement has its entry, nothing has two, and each is about something that exists."""
    path = files.folder / "responsibilities.yml"
    statements = {statement.id for statement in files.statements.values()}
    outcomes = {outcome.id for statement in files.statements.values() for outcome in statement.outcomes}
    known = statements | outcomes | {indicator.id for indicator in files.indicators.values()}
    seen: set[str] = set()
    for position, each in enumerate(files.answers.responsibilities.responsibilities):
        key = f"responsibilities[{position}]"
        if each.about not in known:
            message = f"no statement, outcome or indicator {each.about!r}; correct it or remove the entry"
            yield say(path, f"{key}.about", message)
        if each.about in seen:
            yield say(path, f"{key}.about", f"{each.about!r} has an entry already; keep one of them")
        seen.add(each.about)
        yield from _unknown(files, path, f"{key}.can_change", each.can_change or ())
    for missing in sorted(statements - seen):
        message = f"no entry about {missing!r}; add one, with can_change: null and a reason if no source says"
        yield say(path, "responsibilities", message)


def reports(files: Files) -> Iterator[str]:
    """Who makes a report and who is sent it exist, and so do the things that it is about and made from."""
    path = files.folder / "reports.yml"
    statements = {statement.id for statement in files.statements.values()}
    indicators = {indicator.id for indicator in files.indicators.values()}
    listed = {each.id for each in files.answers.reports.reports}
    fed: dict[str, str] = {}
    for each in files.answers.reports.reports:
        key = f"reports[{each.id}]"
        yield from _unknown(files, path, f"{key}.made_by", each.made_by or ())
        yield from _unknown(files, path, f"{key}.sent_to", each.sent_to)
        for name, given, known in (
            ("vision_statements", each.vision_statements or (), statements),
            ("indicators", each.indicators, indicators),
            ("made_from", each.made_from, listed - {each.id}),
        ):
            for identifier in given:
                if identifier not in known:
                    message = f"no {identifier!r} to be found; correct it. Known: {known_ids(known)}"
                    yield say(path, f"{key}.{name}", message)
        for identifier in each.indicators:
            if other := fed.get(identifier):
                message = f"the next update of {identifier!r} is already that of {other!r}; name it in one of them"
                yield say(path, f"{key}.indicators", message)
            fed.setdefault(identifier, each.id)


def recommendations(files: Files) -> Iterator[str]:
    """Who recommends, who is to act and who answered exist, and so does the report."""
    path = files.folder / "recommendations.yml"
    listed = {each.id for each in files.answers.reports.reports}
    for each in files.answers.recommendations.recommendations:
        key = f"recommendations[{each.id}]"
        yield from _unknown(files, path, f"{key}.made_by", [each.made_by], groups=False)
        yield from _unknown(files, path, f"{key}.addressed_to", each.addressed_to or ())
        yield from _unknown(files, path, f"{key}.supported_by", each.supported_by)
        if each.report is not None and each.report not in listed:
            message = f"no report {each.report!r} in reports.yml; add it there or write null"
            yield say(path, f"{key}.report", message)
        for position, response in enumerate(each.responses):
            where = f"{key}.responses[{position}]"
            yield from _unknown(files, path, f"{where}.by", [response.by], groups=False)
            if response.answered_on < _earliest(each.made_on, each.made_precision, response.answered_precision):
                message = f"{response.answered_on} is before made_on {each.made_on}; correct one of the two"
                yield say(path, f"{where}.answered_on", message)


def _earliest(made_on: date, made_precision: str, answered_precision: str) -> date:
    """The first day that may be written for an answer: one known to the month is written as that month's first day."""
    if "year" in (made_precision, answered_precision):
        return made_on.replace(month=1, day=1)
    return made_on.replace(day=1) if "month" in (made_precision, answered_precision) else made_on


def targets(files: Files) -> Iterator[str]:
    """A target is of a measure of its indicator, in its unit and within its bounds, for an area that has one."""
    path = files.folder / "targets.yml"
    seen: dict[tuple[str, str, str, str], str] = {}
    for each in files.answers.targets.targets:
        key = f"targets[{each.id}]"
        measure, found = _agreed(files, path, key, each)
        yield from found
        if measure is not None:
            yield from _does_not_fit(path, key, each, measure)
        same = (each.measure, each.area_code, each.due_period, each.kind)
        if other := seen.get(same):
            yield say(
                path, key, f"says the same thing as {other!r}; keep the one that stands, and say so in its source"
            )
        seen.setdefault(same, each.id)


def qualifiers(files: Files) -> Iterator[str]:
    """A qualifier is of a measure that has a direction, and there is one for each figure."""
    path = files.folder / "qualifiers.yml"
    seen: dict[tuple[str, str, str], str] = {}
    for each in files.qualifiers.qualifiers:
        key = f"qualifiers[{each.id}]"
        measure, found = _agreed(files, path, key, each)
        yield from found
        if measure is not None and measure.polarity == "neutral":
            message = f"neither up nor down of {measure.id!r} is better; name a measure that has a direction"
            yield say(path, f"{key}.measure", message)
        same = (each.measure, each.area_code, each.period)
        if other := seen.get(same):
            yield say(path, key, f"is of the same figure as {other!r}; keep the one that stands")
        seen.setdefault(same, each.id)


def _agreed(files: Files, path: Path, key: str, entry: Target | Qualifier) -> tuple[Measure | None, list[str]]:
    """The measure that somebody has agreed something of, and what is wrong with how it, its area and they are named."""
    measures = {each.id: {own.id: own for own in each.measures} for each in files.indicators.values()}
    areas = {NATION} | {each.area_code for group in files.organisations.groups.values() for each in group.members}
    found = [*_unknown(files, path, f"{key}.agreed_by", [entry.agreed_by], groups=False)]
    own = measures.get(entry.indicator)
    if own is None:
        message = f"no indicator {entry.indicator!r}; correct it. Known: {known_ids(measures)}"
        found.append(say(path, f"{key}.indicator", message))
    elif entry.measure not in own:
        message = f"no measure {entry.measure!r} of {entry.indicator!r}; correct it. Known: {known_ids(own)}"
        found.append(say(path, f"{key}.measure", message))
    if entry.area_code not in areas:
        message = f"{entry.area_code} is the code of no council, health board or nation in force; look it up"
        found.append(say(path, f"{key}.area_code", message))
    return (own or {}).get(entry.measure), found


def _does_not_fit(path: Path, key: str, target: Target, measure: Measure) -> Iterator[str]:
    if target.unit != measure.unit:
        message = (
            f"is {target.unit!r}, but {measure.id!r} is in {measure.unit!r}; correct it, or choose another measure"
        )
        yield say(path, f"{key}.unit", message)
    lower, upper = measure.bounds
    if (lower is not None and target.value < lower) or (upper is not None and target.value > upper):
        message = f"{target.value:g} is outside the measure's bounds {lower} to {upper}; correct it"
        yield say(path, f"{key}.value", message)
    if (target.area_code == NATION) != (measure.geography == "national"):
        message = (
            f"is {target.area_code}, but {measure.id!r} is {measure.geography}; correct it, or choose another measure"
        )
        yield say(path, f"{key}.area_code", message)
    end = read_period(target.due_period, target.period_style).end
    if end < target.agreed_on:
        message = f"{target.due_period!r} ended before it was agreed on {target.agreed_on}; correct one of the two"
        yield say(path, f"{key}.due_period", message)


RULES = (area_codes, responsibilities, reports, recommendations, targets, qualifiers)
