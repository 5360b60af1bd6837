"""Indicators: those that we know, as their pages are now, and a beginning for those that we do not."""

from __future__ import annotations

import re

from promise.catalogue.framework_indicators import Indicator
from promise.catalogue.framework_measures import Measure, Series
from promise.catalogue.framework_words import LONGEST_ID
from promise.strict import QUESTION, Strict
from promise.vocabulary import UnknownValue
from promise.vocabulary.periods import read_period
from workbench.propose.desk import Change, Desk, code
from workbench.propose.figures import Held
from workbench.propose.places import OutcomeAt, Places
from workbench.propose.state import SOURCE
from workbench.scaffolds.indicator import scaffold
from workbench.yaml_text import Value, mapping

DATES = ("last_updated", "next_update_due")
HEADLINE = "__headline"


def known(desk: Desk, places: Places, held: Held) -> None:
    """Draft name, address and dates of each indicator as its page has them, and the label of its figures."""
    for place, indicator in sorted(places.indicators.items()):
        page, rows = desk.state.pages[place], desk.state.rows.get(place, [])
        file = f"framework/indicators/{indicator.id}.yml"
        printed = {"name": page.title, "source_url": page.url} | {key: rows[0][key] for key in DATES if rows}
        for key, after in printed.items():
            before = getattr(indicator, key)
            if key == "source_url" and desk.ours(before) == place:
                continue
            if not after and before:
                desk.ask(page.url, f"prints nothing for `{key}` of {indicator.id}, which is {code(before)} here.")
            elif after and after != before:
                desk.draft.yaml(file).set([key], after)
                desk.changes.append(Change(file, key, page.url, before, after))
        above = places.outcomes.get(place.rsplit("/", 1)[0])
        if above and above.id != indicator.outcome:
            desk.ask(page.url, f"stands under {above.id}, and {indicator.id} under {indicator.outcome}: was it moved?")
        if rows and place not in held.labels:
            desk.first_figures[indicator.id] = page.url
        _series(desk, indicator, place, held)


def _series(desk: Desk, indicator: Indicator, place: str, held: Held) -> None:
    """Draft the page's heading as a further label of the series that it is known by; ask of what no series reads."""
    page, file = desk.state.pages[place], f"framework/indicators/{indicator.id}.yml"
    periods: dict[str, list[str]] = {}
    for row in desk.state.rows.get(place, []):
        periods.setdefault(row["column_heading"], []).append(row["period_as_published"])
    read = {each.key: measure.id for _, measure, each in desk.framework.series()}
    additions: dict[str, list[tuple[int, list[str]]]] = {}
    for heading, labels in periods.items():
        feeds = read.get((SOURCE, page.title, heading))
        same = [
            (measure, position, each)
            for measure in indicator.measures
            for position, each in enumerate(measure.series)
            if (each.source, each.heading) == (SOURCE, heading)
            and each.label in held.labels.get(place, set()) | {page.title}
        ]
        if feeds and feeds not in {measure.id for measure in indicator.measures}:
            desk.ask(page.url, f"has figures {code(heading)} that feed {feeds}, which is not of {indicator.id}.")
        elif not same:
            desk.ask(
                page.url,
                f"has a table heading that no series of {indicator.id} reads: {code(heading)}, with "
                f"{', '.join(map(code, sorted(labels)))}. Which measure is it of?",
            )
        else:
            measure, position, each = same[-1]
            _odd_periods(desk, page.url, measure, each, labels)
            if not feeds:
                additions.setdefault(measure.id, []).append((position, _copy(each, page.title, labels)))
                desk.changes.append(Change(
                    file, f"{measure.id}: a further label of its series", page.url, each.label, page.title,
                    f"The page is known by its address; its heading is how an ingest labels {code(heading)}.",
                ))  # fmt: skip
    for measure_id, items in additions.items():
        for position, lines in sorted(items, reverse=True):  # from the end, so that places stay what they are
            desk.draft.yaml(file).insert(["measures", measure_id, "series"], position + 1, lines, apart=False)


def _copy(series: Series, label: str, printed: list[str]) -> list[str]:
    about = {"source": series.source, "label": label, "heading": series.heading, "period_style": series.period_style}
    if series.breakdown != "total":
        about |= {"breakdown": series.breakdown, "breakdown_value": series.breakdown_value}
    lines = mapping(about)
    exceptions = [each for each in series.period_exceptions if each.label in printed]
    lines += ["period_exceptions:"] if exceptions else []
    for each in exceptions:
        first, *rest = mapping(each.model_dump())
        lines += [f"  - {first}", *(f"    {line}" for line in rest)]
    return lines


def _odd_periods(desk: Desk, url: str, measure: Measure, series: Series, labels: list[str]) -> None:
    explained = {each.label for each in series.period_exceptions}
    odd = [label for label in labels if label not in explained and not _reads(label, series.period_style)]
    if odd:
        desk.ask(
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


def new(desk: Desk, places: Places) -> None:
    """Draft a beginning for each indicator that we have no entry for: what its page says, and questions."""
    taken = {each.id for _, _, each in desk.framework.indicators()}
    counts: dict[str, int] = {}
    for place, above in sorted(places.new.items()):
        page, rows = desk.state.pages[place], desk.state.rows[place]
        identifier = _identifier(place.rsplit("/", 1)[1], taken)
        taken.add(identifier)
        counts[above.id] = counts.get(above.id, 0) + 1
        headings = list(dict.fromkeys(row["column_heading"] for row in rows))
        one = headings[0] if len(headings) == 1 else None
        listed = ", ".join(repr(each) for each in headings)
        headline = f"{identifier}{HEADLINE}"
        filled: dict[type[Strict], dict[str, Value]] = {
            Indicator: {
                "id": identifier, "outcome": above.id, "place": _places(desk, above) + counts[above.id],
                "name": page.title, "publication_state": "published",
                **{key: rows[0][key] or None for key in DATES},
                "source_url": page.url, "headline": headline, "source_preference": [SOURCE],
            },
            Measure: {"id": headline, "role": "headline"},
            Series: {
                "source": SOURCE, "label": page.title,
                "heading": one if one is not None else f"{QUESTION}Which of the page's headings: {listed}",
            },
        }  # fmt: skip
        file = f"framework/indicators/{identifier}.yml"
        text = scaffold(filled, "promise framework propose", proposed=False)
        desk.draft.write(file, text)
        desk.changes.append(
            Change(file, "a new indicator", page.url, None, page.title, _to_decide(desk, places, above, text, headings))
        )
        desk.ask(
            page.url,
            f"is of an indicator that we have no entry for, begun as {identifier}. Is that its id? It is never changed "
            f"again, and is the name of its file. Its table has {', '.join(map(code, headings))}, and periods "
            f"{', '.join(code(each) for each in sorted({row['period_as_published'] for row in rows}))}: "
            "each heading needs a measure.",
        )


def _to_decide(desk: Desk, places: Places, above: OutcomeAt, text: str, headings: list[str]) -> str:
    known = {each.id for each in places.indicators.values()}
    without = [
        f"{each.id} ({code(each.name)})"
        for _, outcome, each in desk.framework.indicators()
        if outcome.id == above.id and each.publication_state == "published" and each.id not in known
    ]
    decide = f"Answer its {text.count(QUESTION)} questions; the catalogue refuses the file until then."
    if without:
        decide += (
            f" Or is it one of these, whose page on the dashboard is not known: {', '.join(without)}? Then leave the "
            "file out and write the page as that one's `source_url`."
        )
    return decide


def _places(desk: Desk, above: OutcomeAt) -> int:
    return max((each.place for _, outcome, each in desk.framework.indicators() if outcome.id == above.id), default=0)


def _identifier(slug: str, taken: set[str]) -> str:
    """A page's address as an id, as far as it fits. Only what an id may hold is taken over."""
    words = re.findall(r"[a-z0-9]+", slug.lower())
    while words and not words[0][0].isalpha():
        words.pop(0)
    room = LONGEST_ID - len(HEADLINE) - len("_99")
    name = ""
    for word in words or ["indicator"]:
        if len(f"{name}_{word}") > room:
            break
        name = f"{name}_{word}" if name else word
    name = name or (words or ["indicator"])[0][:room]
    return next(each for each in (name, *(f"{name}_{n}" for n in range(2, 100))) if each not in taken)
