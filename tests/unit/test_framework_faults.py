"""Every rule of the framework, broken on purpose in a small valid tree: the message names file, key and remedy."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from promise.catalogue import framework_rules
from promise.catalogue.framework import framework
from promise.catalogue.sources import ENTRY, FOLDER
from promise.strict import CatalogueError

STATEMENT = """\
id: vs01
number: 1
name: School
earlier_name: null
statement: Schools must be ambitious.
statement_source_url: https://example.org/now
earlier_statement: null
earlier_statement_source_url: null
promise_report_page: null
dashboard_slug: null
publication_state: published
gap_statement: null
outcomes:
  - id: vs01_o1
    number: 1
    text: More time in school.
    earlier_text: null
    source_url: https://example.org/now
    publication_state: published
    note: null
data_gaps:
  - id: gap_one
    outcome: vs01_o1
    indicator: attendance
    kind: no_baseline
    description: No figure for 2019/20.
    since: null
    could_be_filled_by: [a_council]
    source_url: null
"""
INDICATOR = """\
id: attendance
outcome: vs01_o1
place: 1
name: Rate of attendance
short_name: Attendance
kind: null
definition: null
source_publication: A publication
producer: a_ministry
reported_by: [a_ministry]
frequency: annual
publication_month: null
population_marker: care_marker
population_marker_words: Looked after
geography: [national]
direction: increase
direction_basis: From the outcome's wording.
publication_state: published
baseline_period_start: 2020-08-01
baseline_note: null
last_updated: null
next_update_due: null
source_url: https://example.org/now
headline: attendance__looked_after
source_preference: [a_dashboard, a_register]
minimum_periods: 2
measures:
  - id: attendance__looked_after
    title: Attendance, looked after
    unit: percent
    population: looked_after
    decimals: 1
    polarity: higher_is_better
    role: headline
    comparator: attendance__all
    geography: national
    definition: Half days attended.
    bounds: [0, 100]
    threshold: one_point
    series:
      - {source: a_dashboard, label: Attendance, heading: Rate, period_style: academic_year}
  - id: attendance__all
    title: Attendance, all
    unit: percent
    population: all_pupils
    decimals: 1
    polarity: higher_is_better
    role: comparator
    geography: national
    definition: Half days attended, all pupils.
    bounds: [0, 100]
    series:
      - {source: a_register, label: Attendance all, heading: percent, period_style: academic_year}
"""
TREE = {
    "vision_statements/vs01_school.yml": STATEMENT,
    "indicators/attendance.yml": INDICATOR,
    "thresholds.yml": """\
thresholds:
  - {id: one_point, value: 1, unit: percentage_point, units: [percent, percentage_points], author: us, reason: Because.}
  - {id: one_a_year, value: 1, unit: percent_a_year, units: [count, average_count, full_time_equivalent, per_1000,
      per_10000, per_place, per_week_gbp], author: us, reason: Because.}
""",
    "qualifiers.yml": "qualifiers: []\n",
    "organisations.yml": """\
organisations:
  - {id: a_ministry, name: A ministry, kind: government, answers_for: Statistics., url: null, source_url: null}
councils:
  answers_for: Schools.
  source_url: null
  members:
    - {id: a_council, name: A Council, area_code: S12000047}
    - {id: b_council, name: B Council, area_code: S12000048}
health_boards:
  answers_for: Health.
  source_url: null
  members:
    - {id: a_board, name: A Board, area_code: S08000029}
    - {id: b_board, name: B Board, area_code: S08000030}
""",
    "responsibilities.yml": """\
responsibilities:
  - {about: vs01, can_change: [councils], basis: They do., reason: null, source_url: https://example.org/who}
""",
    "reports.yml": "reports: []\n",
    "recommendations.yml": "recommendations: []\n",
    "targets.yml": "targets: []\n",
    "totals.yml": "outside: []\nadded_up: []\n",
    "signals.yml": """\
signals:
  - {id: worse, kind: worsening, title: Worse, since: previous, author: us, reason: Because.}
""",
    "small_numbers.yml": "fewer_than: 100\nauthor: us\nreason: Because.\npeople: []\n",
    "what_matters.yml": """\
questions:
  - {id: wm_one, text: Do they?, source_url: https://example.org/q}
data_gaps: []
""",
    "route_maps/care.yml": """\
id: care
name: Care
complete: true
source_url: https://example.org/care
themes:
  - id: care__stability
    name: Stability
    url: null
    vision_statements: [vs01]
""",
    "evidence.yml": """\
evidence:
  - id: ev_one
    vision_statement: vs01
    strand: experience
    kind: page
    title: What is said
    summary: A page.
    url: null
    published_on: null
    question: wm_one
""",
    "data_gaps.yml": "data_gaps: []\n",
}

OF_PARTS = {
    "label": "indicator", "value": ["obs_value"], "period": "period", "publication": "publication_id",
    "breakdowns": {"sector": "unit"},
}  # fmt: skip
SOURCES: dict[str, dict[str, object]] = {
    "a_dashboard": {},
    "a_register": {},
    "a_list_of_places": {"figures": None},
    "of_parts": {"figures": OF_PARTS},
    # Its rows do not say from which page they were typed: it is its publisher's own file.
    "a_file": {"figures": OF_PARTS | {"breakdowns": {}, "heading": "unit"}},
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, content in TREE.items():
        path = tmp_path / "framework" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    for source, changed in SOURCES.items():
        entry = yaml.safe_load((FOLDER / "published_series" / ENTRY).read_text()) | {"id": source} | changed
        path = tmp_path / "sources" / source / ENTRY
        path.parent.mkdir(parents=True)
        path.write_text(yaml.safe_dump(entry))
    (tmp_path / "models").mkdir()
    return tmp_path


def read(tree: Path) -> object:
    return framework(tree / "framework", tree / "sources", tree / "models")


@dataclass
class Fault:
    """Replace `old` by `new` in `file`: the error names the key and says what to do, about that file or `where`."""

    file: str
    old: str
    new: str
    names: str
    told: str
    where: str | None = None


VS = "vision_statements/vs01_school.yml"
IND = "indicators/attendance.yml"
HEADLINE = "measures[attendance__looked_after]"
UNIT = "    unit: percent\n"
FIRST_SERIES = "      - {source: a_dashboard, label: Attendance, heading: Rate, period_style: academic_year}\n"
LONG = "a" * 41
OUTCOME_STATE = "    source_url: https://example.org/now\n    publication_state: published\n"
OUR_OUTCOME = "    source_url: null\n    publication_state: proposed\n    proposed_because: Why.\n"

# fmt: off  (a table: one fault a line, or two)
FAULTS = {
    "a mistyped key": Fault(IND, "frequency:", "frequncy:", "frequncy", "did you mean 'frequency'?"),
    "a direction missing": Fault(IND, "direction: increase\n", "", "direction", "add it"),
    "a direction unknown to us": Fault(
        IND,
        "direction: increase",
        "direction: up",
        "direction",
        "'increase', 'decrease', 'neutral' or 'in_proportion'",
    ),
    "a direction left null": Fault(IND, "direction: increase", "direction: null", "direction", "choose one"),
    "a number where text belongs": Fault(IND, "frequency: annual", "frequency: 1", "frequency", "quotes"),
    "no address": Fault(
        IND,
        "source_url: https://example.org/now",
        "source_url: soon",
        "source_url",
        "correct it",
    ),
    "no baseline and no reason": Fault(
        IND, "baseline_period_start: 2020-08-01", "baseline_period_start: null", IND, "say in baseline_note why"
    ),
    "a baseline after 2020 and nothing that would fill it": Fault(
        IND,
        "baseline_period_start: 2020-08-01",
        "baseline_period_start: 2021-08-01",
        IND,
        "says why there is no baseline",
    ),
    "an absence beside a baseline": Fault(
        IND,
        "baseline_note: null",
        "baseline_note: null\nbaseline_absence: not_published\nbaseline_filled_by: a return",
        IND,
        "nowhere else",
    ),
    "an absence that nothing would fill": Fault(
        IND,
        "baseline_period_start: 2020-08-01",
        "baseline_period_start: 2021-08-01\nbaseline_absence: not_published",
        IND,
        "write both or neither",
    ),
    "where to look for what is here": Fault(
        IND, "baseline_note: null", "baseline_note: null\nbaseline_look_at: https://example.org/then", IND, "write both"
    ),
    "the same key twice": Fault(VS, "number: 1\nname", "number: 1\nnumber: 2\nname", "line 3", "keep one of them"),
    "a proposal without a reason": Fault(
        IND, "publication_state: published", "publication_state: proposed", IND, "say why"
    ),
    "a reason though it is published": Fault(
        IND,
        "publication_state: published",
        "publication_state: published\nproposed_because: Near it.",
        IND,
        "remove it",
    ),
    "an indicator that is a gap": Fault(
        IND,
        "publication_state: published",
        "publication_state: gap",
        IND,
        "choose one",
    ),
    "a statement that we propose": Fault(
        VS, "publication_state: published\ngap", "publication_state: proposed\ngap", "publication_state", "choose one"
    ),
    "our outcome under an id of the framework's": Fault(
        VS, OUTCOME_STATE, OUR_OUTCOME, "outcomes[vs01_o1].id", "expected 'vs01_p1'"
    ),
    "our outcome with a page": Fault(
        VS, OUTCOME_STATE, OUR_OUTCOME.replace("null", "https://example.org/"), "outcomes[vs01_o1]", "ours has no page"
    ),
    "our outcome without a text": Fault(
        VS,
        f"text: More time in school.\n    earlier_text: null\n{OUTCOME_STATE}",
        f"text: null\n    earlier_text: null\n{OUR_OUTCOME}",
        "outcomes[vs01_o1]",
        "write what we propose",
    ),
    "an outcome of ours without an indicator": Fault(
        VS,
        "data_gaps:\n",
        "  - {id: vs01_p1, number: 1, text: Ours., earlier_text: null, source_url: null, publication_state: proposed, "
        "proposed_because: Why., note: null}\ndata_gaps:\n",
        "outcomes[vs01_p1]",
        "propose one",
    ),
    "a measure of an area that the indicator does not name": Fault(
        IND, "geography: national", "geography: council", f"{HEADLINE}.geography", "correct one"
    ),
    "a direction in proportion with a judged headline": Fault(
        IND, "direction: increase", "direction: in_proportion", f"{HEADLINE}.polarity", "correct one"
    ),
    "a marker in words of its own": Fault(
        IND, "population_marker: care_marker", "population_marker: CLAS", "population_marker", "choose one"
    ),
    "an id longer than 40": Fault(VS, "id: gap_one", f"id: {LONG}", f"data_gaps[{LONG}].id", "shorten it to 40"),
    "an id not in snake case": Fault(VS, "id: gap_one", "id: Gap-One", "data_gaps[Gap-One].id", "lower snake case"),
    "an id used twice": Fault(VS, "id: gap_one", "id: attendance", "data_gaps[attendance].id", "choose another id"),
    "an id used in two files": Fault(
        "evidence.yml", "id: ev_one", "id: a_council", "evidence[a_council].id", "already used in"
    ),
    "a statement in a file of another name": Fault(
        VS, "id: vs01\nnumber: 1", "id: vs02\nnumber: 2", "id", "name the file"
    ),
    "a number that is not the id's": Fault(VS, "id: vs01\nnumber: 1", "id: vs01\nnumber: 3", "number", "correct one"),
    "an outcome under the wrong statement": Fault(
        VS, "id: vs01_o1\n    number", "id: vs02_o1\n    number", "outcomes[vs02_o1].id", "expected 'vs01_o1'"
    ),
    "a gap that is not explained": Fault(
        VS, "publication_state: published\ngap", "publication_state: gap\ngap", VS, "correct one of the two"
    ),
    "published with nothing published below": Fault(
        IND,
        "publication_state: published",
        "publication_state: proposed\nproposed_because: Near it.",
        "outcomes[vs01_o1].publication_state",
        "no indicator is published under it",
        where=VS,
    ),
    "a gap though something is published": Fault(
        VS,
        "    publication_state: published\n    note",
        "    publication_state: gap\n    note",
        "outcomes[vs01_o1].publication_state",
        "an indicator is published under it",
    ),
    "a gap of an outcome elsewhere": Fault(
        VS, "outcome: vs01_o1\n", "outcome: vs03_o1\n", "data_gaps[gap_one].outcome", "correct it"
    ),
    "a gap of an indicator elsewhere": Fault(
        VS, "indicator: attendance\n", "indicator: exclusion\n", "data_gaps[gap_one].indicator", "give both"
    ),
    "a kind of gap that is not one": Fault(VS, "kind: no_baseline", "kind: lost", "data_gaps[gap_one].kind", "choose"),
    "a producer nobody knows": Fault(IND, "producer: a_ministry", "producer: x", "producer", "add it to"),
    "a reporter nobody knows": Fault(IND, "[a_ministry]", "[x]", "reported_by", "add it to"),
    "a filler nobody knows": Fault(VS, "[a_council]", "[x]", "data_gaps[gap_one].could_be_filled_by", "add it to"),
    "an indicator of no outcome": Fault(IND, "outcome: vs01_o1", "outcome: vs02_o1", "outcome", "add it there"),
    "a numerator that is not there": Fault(
        IND, UNIT, f"{UNIT}    numerator: x\n    per: 100\n", f"{HEADLINE}.numerator", "correct the id"
    ),
    "a numerator that counts nothing": Fault(
        IND, UNIT, f"{UNIT}    numerator: attendance__all\n    per: 100\n", f"{HEADLINE}.numerator", "expected count"
    ),
    "a denominator that is not there": Fault(
        IND,
        UNIT,
        f"{UNIT}    numerator: attendance__all\n    denominator: x\n    per: 100\n",
        f"{HEADLINE}.denominator",
        "correct the id",
    ),
    "a denominator without a numerator": Fault(
        IND, UNIT, f"{UNIT}    denominator: attendance__all\n", HEADLINE, "add numerator and per"
    ),
    "a numerator and nothing it is multiplied by": Fault(
        IND, UNIT, f"{UNIT}    numerator: attendance__all\n", HEADLINE, "numerator and per are given together"
    ),
    "a ratio per what its unit is not": Fault(
        IND,
        UNIT,
        f"{UNIT}    numerator: attendance__all\n    per: 1000\n",
        HEADLINE,
        "does not give a figure in percent",
    ),
    "a ratio of a unit that is none": Fault(
        IND,
        UNIT,
        "    unit: count\n    numerator: attendance__all\n    per: 100\n",
        HEADLINE,
        "does not give a figure in count",
    ),
    "a measure that is a part of itself": Fault(
        IND,
        UNIT,
        f"{UNIT}    parts: [attendance__looked_after, attendance__all]\n",
        f"{HEADLINE}.parts",
        "is the measure itself",
    ),
    "a part that is not there": Fault(
        IND, UNIT, f"{UNIT}    parts: [attendance__all, x]\n", f"{HEADLINE}.parts", "no measure 'x'"
    ),
    "a part in another unit": Fault(
        IND, UNIT, "    unit: count\n    parts: [attendance__all, x]\n", f"{HEADLINE}.parts", "expected count"
    ),
    "one part alone": Fault(IND, UNIT, f"{UNIT}    parts: [attendance__all]\n", HEADLINE, "name the others"),
    "parts in two ways": Fault(
        IND, UNIT, f"{UNIT}    parts: [attendance__all, x]\n    parts_by: age\n", HEADLINE, "keep the one"
    ),
    "parts by what no series is of": Fault(
        IND, UNIT, f"{UNIT}    parts_by: age\n", f"{HEADLINE}.parts_by", "no series of this measure is by 'age'"
    ),
    "an indicator in a file of another name": Fault(IND, "id: attendance\n", "id: presence\n", "id", "name the file"),
    "a headline that is not there": Fault(
        IND, "headline: attendance__looked_after", "headline: x", "headline", "correct it"
    ),
    "a headline that is another's role": Fault(
        IND, "headline: attendance__looked_after", "headline: attendance__all", "headline", "correct the roles"
    ),
    "two headlines": Fault(IND, "role: comparator", "role: headline", "headline", "correct the roles"),
    "a headline against the direction": Fault(
        IND, "polarity: higher_is_better", "polarity: lower_is_better", f"{HEADLINE}.polarity", "correct one of them"
    ),
    "a comparator that is not there": Fault(
        IND, "comparator: attendance__all", "comparator: x", f"{HEADLINE}.comparator", "add it or write null"
    ),
    "a comparator that is none": Fault(
        IND, "role: comparator", "role: companion", f"{HEADLINE}.comparator", "role comparator"
    ),
    "a comparator in another unit": Fault(
        IND,
        "title: Attendance, all\n    unit: percent",
        "title: Attendance, all\n    unit: count",
        f"{HEADLINE}.comparator",
        "choose another",
    ),
    "a comparator for other areas": Fault(
        IND,
        "role: comparator\n    geography: national",
        "role: comparator\n    geography: council",
        f"{HEADLINE}.comparator",
        "choose another",
    ),
    "a unit that is not one": Fault(IND, "unit: percent", "unit: per cent", f"{HEADLINE}.unit", "choose one of these"),
    "a population that is not one": Fault(
        IND, "population: looked_after", "population: children_in_care", f"{HEADLINE}.population", "choose one of these"
    ),
    "bounds the wrong way round": Fault(IND, "bounds: [0, 100]", "bounds: [100, 0]", HEADLINE, "the lower one first"),
    "a unit without a rule": Fault(
        "thresholds.yml", "units: [percent, percentage_points]", "units: [percent]", "thresholds.units", "has one rule"
    ),
    "a unit with two rules": Fault(
        "thresholds.yml", "units: [count,", "units: [percent, count,", "thresholds.units", "has one rule"
    ),
    "a rule for a unit it does not fit": Fault(
        "thresholds.yml",
        "units: [percent, percentage_points]",
        "units: [percent, percentage_points, count]",
        "thresholds[one_point].units",
        "remove it",
    ),
    "another baseline than the page's own without a reason": Fault(
        IND,
        "baseline_note: null",
        "baseline_note: null\npage_baseline: 2018-08-01",
        "",
        "say in baseline_departure why",
    ),
    "a reason for a baseline that is the page's own": Fault(
        IND, "baseline_note: null", "baseline_note: null\nbaseline_departure: Because.", "", "there is no other"
    ),
    "the other side of itself": Fault(
        IND, "baseline_note: null", "baseline_note: null\nsame_fact_as: attendance", "same_fact_as", "correct it"
    ),
    "the other side of nothing we know": Fault(
        IND, "baseline_note: null", "baseline_note: null\nsame_fact_as: absence", "same_fact_as", "correct it"
    ),
    "a threshold nobody described": Fault(
        IND, "threshold: one_point", "threshold: x", f"{HEADLINE}.threshold", "thresholds.yml"
    ),
    "a threshold in points for a count": Fault(
        IND, "unit: percent", "unit: count", f"{HEADLINE}.threshold", "name another or none"
    ),
    "a threshold without an author": Fault(
        "thresholds.yml",
        "[percent, percentage_points], author: us, ",
        "[percent, percentage_points], ",
        "thresholds[one_point].author",
        "add it",
    ),
    "a threshold without a reason": Fault(
        "thresholds.yml", "reason: Because.", "reason: null", "thresholds[one_point].reason", "expected text"
    ),
    "a rule of small numbers without an author": Fault("small_numbers.yml", "author: us\n", "", "author", "add it"),
    "a signal with the parameter of another kind": Fault(
        "signals.yml", "since: previous", "quartiles: 1", "signals[worse]", "has since and no other parameter"
    ),
    "a signal without a parameter": Fault("signals.yml", "since: previous, ", "", "signals[worse]", "given are none"),
    "a signal without a reason": Fault("signals.yml", ", reason: Because.", "", "signals[worse].reason", "add it"),
    "a measure of councils of which nobody knows how few people it is of": Fault(
        IND,
        "comparator: attendance__all\n    geography: national",
        "comparator: attendance__all\n    geography: council",
        f"{HEADLINE}.population",
        "give its denominator, or say who is counted in small_numbers.yml",
    ),
    "people counted by nothing that there is": Fault(
        "small_numbers.yml",
        "people: []",
        "people:\n  - {populations: [looked_after], measures: [], counted_by: [x], counts: value, reason: Because.}",
        "people[0].counted_by",
        "no measure 'x' in indicators/",
    ),
    "people counted by shares": Fault(
        "small_numbers.yml",
        "people: []",
        "people:\n  - {populations: [looked_after], measures: [], counted_by: [attendance__all], counts: value,"
        " reason: Because.}",
        "people[0].counted_by",
        "not a measure of councils",
    ),
    "people of nobody": Fault(
        "small_numbers.yml",
        "people: []",
        "people:\n  - {populations: [], measures: [], counted_by: [attendance__all], counts: value, reason: Because.}",
        "people[0]",
        "say of which figures",
    ),
    "one period is no change": Fault(IND, "minimum_periods: 2", "minimum_periods: 1", "minimum_periods", "correct it"),
    "a source nobody described": Fault(
        IND, "source: a_dashboard", "source: x", f"{HEADLINE}.series[0].source", "describe it there"
    ),
    "a source without figures": Fault(
        IND, "source: a_dashboard", "source: a_list_of_places", f"{HEADLINE}.series[0].source", "which columns they are"
    ),
    "a part of what says itself which part it is": Fault(
        IND,
        "source: a_dashboard, label: Attendance, heading: Rate",
        "source: of_parts, label: Attendance, breakdown: sector, breakdown_value: primary",
        f"{HEADLINE}.series[0].breakdown",
        "which part they are of: sector; remove it",
    ),
    "a source left out of the preference": Fault(
        IND, "[a_dashboard, a_register]", "[a_dashboard]", "source_preference", "name each source"
    ),
    "a preference for a source that feeds nothing": Fault(
        IND, FIRST_SERIES, "      []\n", "source_preference", "name each source"
    ),
    "what was typed preferred to its publisher's file": Fault(
        IND, "a_register", "a_file", "source_preference", "write [a_file, a_dashboard]"
    ),
    "a source preferred twice": Fault(
        IND, "[a_dashboard, a_register]", "[a_dashboard, a_register, a_dashboard]", "source_preference", "once"
    ),
    "a series that feeds two measures": Fault(
        IND,
        "source: a_register, label: Attendance all, heading: percent",
        "source: a_dashboard, label: Attendance, heading: Rate",
        "measures[attendance__all].series[0]",
        "remove one",
    ),
    "a period style that is not one": Fault(
        IND, "period_style: academic_year", "period_style: school_year", f"{HEADLINE}.series[0].period_style", "choose"
    ),
    "a breakdown without a value": Fault(
        IND, "label: Attendance, ", "label: Attendance, breakdown: sector, ", f"{HEADLINE}.series[0]", "give both"
    ),
    "an exception that is not what it says": Fault(
        IND,
        "label: Attendance, ",
        "label: Attendance, period_exceptions: [{label: x, means: '2023', period_style: academic_year, reason: r}], ",
        f"{HEADLINE}.series[0]",
        "is no academic_year",
    ),
    "a council code used twice": Fault(
        "organisations.yml",
        "S12000048",
        "S12000047",
        "councils.members[b_council].area_code",
        "look up the current code",
    ),
    "a code that is no council's": Fault(
        "organisations.yml", "S12000048", "S92000003", "councils.members[b_council].area_code", "correct it"
    ),
    "a theme of no statement": Fault(
        "route_maps/care.yml", "[vs01]", "[vs11]", "themes[care__stability].vision_statements", "correct it"
    ),
    "a route map in a file of another name": Fault(
        "route_maps/care.yml", "id: care\n", "id: voice\n", "id", "name the file"
    ),
    "evidence for no statement": Fault(
        "evidence.yml",
        "vision_statement: vs01",
        "vision_statement: vs11",
        "evidence[ev_one].vision_statement",
        "null for all",
    ),
    "evidence for no question": Fault("evidence.yml", "wm_one", "wm_two", "evidence[ev_one].question", "write null"),
    "evidence that is scored": Fault(
        "evidence.yml", "    kind: page\n", "    kind: page\n    score: 3\n", "evidence[ev_one].score", "remove it"
    ),
}
# fmt: on


def test_the_small_tree_is_valid(tree: Path) -> None:
    """Otherwise every fault below would be found for a reason of its own."""
    read(tree)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_told_with_file_key_and_remedy(tree: Path, fault: Fault) -> None:
    path = tree / "framework" / fault.file
    before = path.read_text()
    assert fault.old in before, "the fault must change something"
    path.write_text(before.replace(fault.old, fault.new, 1))
    with pytest.raises(CatalogueError) as told:
        read(tree)
    lines = str(told.value).splitlines()
    about = [line for line in lines if fault.names in line and fault.told in line]
    assert about, f"no line names {fault.names!r} and says {fault.told!r}:\n{told.value}"
    assert any(re.match(rf"\S*/{re.escape(fault.where or fault.file)}[:,] ", line) for line in about), told.value


def test_a_model_by_hand_without_an_indicator_is_told(tree: Path) -> None:
    (tree / "models" / "indicator__presence.sql").write_text("select 1")
    with pytest.raises(
        CatalogueError, match=r"indicator__presence\.sql: name: .*describe it there or remove the model"
    ):
        read(tree)


def test_what_a_model_by_hand_would_not_read_is_refused(tree: Path) -> None:
    (tree / "models" / "indicator__attendance.sql").write_text("select 1")
    path = tree / "framework" / IND
    path.write_text(path.read_text().replace(UNIT, f"{UNIT}    parts_by: age\n", 1))
    with pytest.raises(CatalogueError) as told:
        read(tree)
    message = f"{HEADLINE}.parts_by: given, but the indicator's SQL is written by hand and does not read it; say it in "
    assert f"{message}indicator__attendance.sql or remove that file" in str(told.value)


def test_every_rule_is_broken_by_some_fault(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that no fault above breaks could be deleted without a test noticing."""
    idle = []
    for rule in framework_rules.RULES:
        others = tuple(each for each in framework_rules.RULES if each is not rule)
        monkeypatch.setattr(framework_rules, "RULES", others)
        if all(_is_found(tree, fault) for fault in FAULTS.values()):
            idle.append(rule.__name__)
    assert not idle


def _is_found(tree: Path, fault: Fault) -> bool:
    path = tree / "framework" / fault.file
    before = path.read_text()
    path.write_text(before.replace(fault.old, fault.new, 1))
    framework.cache_clear()
    try:
        read(tree)
    except CatalogueError as error:
        return any(fault.names in line and fault.told in line for line in str(error).splitlines())
    else:
        return False
    finally:
        path.write_text(before)
        framework.cache_clear()


def test_all_faults_are_told_at_once(tree: Path) -> None:
    for name, right, wrong in ((IND, "producer: a_ministry", "producer: x"), (VS, "[a_council]", "[y]")):
        path = tree / "framework" / name
        path.write_text(path.read_text().replace(right, wrong))
    with pytest.raises(CatalogueError) as told:
        read(tree)
    assert len(str(told.value).splitlines()) == 2


@pytest.mark.parametrize("folder", ["vision_statements", "indicators", "route_maps"])
def test_an_empty_folder_is_an_incomplete_checkout_and_not_an_empty_framework(tree: Path, folder: str) -> None:
    for path in (tree / "framework" / folder).glob("*.yml"):
        path.unlink()
    with pytest.raises(CatalogueError, match=rf"{folder}.*restore"):
        read(tree)


@pytest.mark.parametrize("name", sorted(name for name in TREE if "/" not in name))
def test_a_missing_file_is_named(tree: Path, name: str) -> None:
    (tree / "framework" / name).unlink()
    with pytest.raises(CatalogueError, match=rf"{name}: there is no such file; restore it"):
        read(tree)
