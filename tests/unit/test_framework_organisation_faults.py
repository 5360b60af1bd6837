"""Who answers for what, broken on purpose in a copy of the real framework: the message names file, key and remedy."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
import yaml

from promise.catalogue import framework_organisation_rules
from promise.catalogue.framework import FOLDER, SOURCES, framework
from promise.strict import CatalogueError

TARGET = {
    "id": "tgt_one",
    "indicator": "attendance_rate",
    "measure": "attendance_rate__looked_after",
    "area_code": "S92000003",
    "value": 90,
    "unit": "percent",
    "due_period": "2029/30",
    "period_style": "academic_year",
    "kind": "stretch",
    "agreed_by": "cosla",
    "agreed_on": date(2026, 6, 25),
    "baseline_period": "2023/24",
    "what_good_looks_like": None,
    "source_url": "https://example.org/minutes",
}
QUALIFIER = {
    "id": "qual_one",
    "indicator": "attendance_rate",
    "measure": "attendance_rate__looked_after",
    "area_code": "S92000003",
    "period": "2023/24",
    "period_style": "academic_year",
    "judgement": "no_clear_change",
    "agreed_by": "cosla",
    "agreed_on": date(2026, 6, 25),
    "reason": "The collection was changed.",
    "source_url": "https://example.org/minutes",
}
REMOVED = object()


@dataclass
class Fault:
    """`item` of `file` with `key` given as `value` (or removed): the error names `names` and says `told`."""

    file: str
    item: str
    key: str
    value: object
    names: str
    told: str


def target(key: str, value: object, told: str, names: str | None = None) -> Fault:
    return Fault("targets", "tgt_one", key, value, names or f"targets[tgt_one].{key}", told)


def qualifier(key: str, value: object, told: str, names: str | None = None) -> Fault:
    return Fault("qualifiers", "qual_one", key, value, names or f"qualifiers[qual_one].{key}", told)


def recommendation(key: str, value: object, told: str, names: str | None = None) -> Fault:
    where = "rec_streamline_governance"
    return Fault("recommendations", where, key, value, names or f"recommendations[{where}].{key}", told)


def report(key: str, value: object, told: str, names: str | None = None) -> Fault:
    return Fault("reports", "rep_eolac", key, value, names or f"reports[rep_eolac].{key}", told)


def responsible(about: str, key: str, value: object, told: str, names: str = "responsibilities[") -> Fault:
    return Fault("responsibilities", about, key, value, names, told)


FAULTS = {
    "a target that nobody agreed": target("agreed_by", REMOVED, "missing; add it"),
    "a target whose owner is left null": target("agreed_by", None, "expected text"),
    "a target agreed by nobody we know": target("agreed_by", "x", "add it to organisations.yml"),
    "a target agreed by a group": target("agreed_by", "councils", "name the one organisation"),
    "a target without a date": target("agreed_on", REMOVED, "missing; add it"),
    "a target without an area": target("area_code", REMOVED, "missing; add it"),
    "a target for an area by name": target("area_code", "Fife", "correct it"),
    "a target for a code that is not in force": target("area_code", "S12000015", "look it up"),
    "a national measure for a council": target("area_code", "S12000047", "choose another measure"),
    "a target of no indicator": target("indicator", "presence", "correct it"),
    "a target of another indicator's measure": target("measure", "in_care__count", "correct it"),
    "a target in another unit": target("unit", "count", "choose another measure"),
    "a target that cannot be reached": target("value", 101, "outside the measure's bounds"),
    "a target that was due when it was agreed": target("due_period", "2020/21", "ended before it was agreed"),
    "a target due by words": target("due_period", "by 2030", "is no academic_year", names="targets[tgt_one]"),
    "a kind of target that is not one": target("kind", "aim", "choose one of these"),
    "a target with a mistyped key": target("agreed_bye", "cosla", "did you mean 'agreed_by'?"),
    "a target whose id is taken": target("id", "cosla", "already used in", names="targets[cosla].id"),
    "a qualifier that nobody agreed": qualifier("agreed_by", None, "expected text"),
    "a qualifier agreed by nobody we know": qualifier("agreed_by", "x", "add it to organisations.yml"),
    "a qualifier without a reason": qualifier("reason", "", "is empty"),
    "a qualifier that is no judgement": qualifier("judgement", "better", "choose one of these"),
    "a qualifier of no measure": qualifier("measure", "attendance", "correct it"),
    "a qualifier of what has no direction": qualifier(
        "measure", "attendance_rate__published_gap", "name a measure that has a direction"
    ),
    "a qualifier of no period": qualifier("period", "now", "is no academic_year", names="qualifiers[qual_one]"),
    "a recommendation without a date": recommendation("made_on", REMOVED, "missing; add it"),
    "a recommendation whose date is left null": recommendation("made_on", None, "correct it"),
    "a recommendation due before it was made": recommendation(
        "due_on", date(2020, 1, 1), "is before made_on", names="recommendations[rec_streamline_governance]"
    ),
    "a recommendation to nobody": recommendation(
        "addressed_to", [], "write null when no source says", names="recommendations[rec_streamline_governance]"
    ),
    "a recommendation to nobody we know": recommendation("addressed_to", ["x"], "add it to organisations.yml"),
    "a recommendation in no report": recommendation("report", "rep_x", "add it there or write null"),
    "a status without a source": recommendation(
        "status", "Done.", "a status needs its source", names="recommendations[rec_streamline_governance]"
    ),
    "an answer before the question": recommendation(
        "responses",
        [
            {
                "by": "cosla",
                "text": "Yes.",
                "answered_on": date(2025, 9, 30),
                "answered_precision": "day",
                "source_url": "https://example.org/answer",
            }
        ],
        "is before made_on",
        names="responses[0].answered_on",
    ),
    "a report that nobody makes": report("made_by", None, "made_by_words", names="reports[rep_eolac]"),
    "a report made by nobody we know": report("made_by", ["x"], "add it to organisations.yml"),
    "a report sent to nobody we know": report("sent_to", ["x"], "add it to organisations.yml"),
    "a report made of nothing we know": report("made_from", ["ret_x"], "correct it"),
    "a report on no indicator": report("indicators", ["presence"], "correct it"),
    "an indicator that two reports update": report("indicators", ["cp_registration_rate"], "name it in one of them"),
    "a report whose id has no prefix": report("id", "eolac", "must begin with", names="reports[eolac]"),
    "a report dated twice": report(
        "published_on", date(2025, 8, 26), "published_precision are both given", names="reports[rep_eolac]"
    ),
    "nobody named and no reason": responsible("vs09_o1", "can_change", None, "say why in reason"),
    "somebody named without a source": responsible("vs09_o1", "source_url", None, "give both"),
    "a service of nobody we know": responsible("vs09_o1", "can_change", ["x"], "add it to organisations.yml"),
    "a statement that nothing is said of": responsible(
        "vs09", "about", "vs05_o1", "no entry about 'vs09'", names="responsibilities: "
    ),
    "a thing said twice": responsible("vs09", "about", "vs01", "has an entry already"),
    "a thing that does not exist": responsible("vs09", "about", "vs11", "no statement, outcome or indicator"),
    "an organisation with a key we do not know": Fault(
        "organisations", "cosla", "role", "lead", "organisations[cosla].role", "did you mean 'roles'?"
    ),
    "an organisation of no kind": Fault(
        "organisations", "cosla", "kind", "club", "organisations[cosla].kind", "choose one of these"
    ),
}


def broken(folder: Path, fault: Fault) -> None:
    """Make the fault in the copied files. The empty lists of targets and qualifiers get one that is right first."""
    (folder / "targets.yml").write_text(yaml.safe_dump({"targets": [TARGET]}))
    (folder / "qualifiers.yml").write_text(yaml.safe_dump({"qualifiers": [QUALIFIER]}))
    path = folder / f"{fault.file}.yml"
    content = yaml.safe_load(path.read_text())
    found = [each for each in content[fault.file] if fault.item in (each.get("id"), each.get("about"))]
    assert len(found) == 1
    if fault.value is REMOVED:
        del found[0][fault.key]
    else:
        found[0][fault.key] = fault.value
    path.write_text(yaml.safe_dump(content, allow_unicode=True))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "framework"))


def test_a_target_that_somebody_agreed_is_read(folder: Path) -> None:
    broken(folder, Fault("targets", "tgt_one", "kind", "statutory", "", ""))
    (read,) = framework(folder, SOURCES).answers.targets.targets
    assert (read.value, read.kind, read.agreed_by) == (90, "statutory", "cosla")


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_refused_with_file_key_and_remedy(folder: Path, name: str) -> None:
    fault = FAULTS[name]
    broken(folder, fault)
    with pytest.raises(CatalogueError) as raised:
        framework(folder, SOURCES)
    lines = [line for line in str(raised.value).splitlines() if f"{fault.file}.yml: " in line]
    assert any(fault.names in line and fault.told in line for line in lines), str(raised.value)


def test_faults_are_tried_of_every_rule_and_every_file() -> None:
    assert len(FAULTS) > 40
    assert {fault.file for fault in FAULTS.values()} == {
        "organisations",
        "responsibilities",
        "reports",
        "recommendations",
        "targets",
        "qualifiers",
    }
    assert len(framework_organisation_rules.RULES) == 6


def test_a_group_is_not_a_producer(folder: Path) -> None:
    path = folder / "indicators" / "aftercare_eligible_receiving.yml"
    path.write_text(path.read_text().replace("producer: scottish_government", "producer: councils"))
    with pytest.raises(CatalogueError, match=r"producer: no organisation 'councils'"):
        framework(folder, SOURCES)


def test_two_boards_cannot_have_one_area(folder: Path) -> None:
    path = folder / "organisations.yml"
    path.write_text(path.read_text().replace("S08000029", "S08000030"))
    with pytest.raises(CatalogueError, match=r"health_boards\.members\[nhs_tayside\]\.area_code: S08000030 is already"):
        framework(folder, SOURCES)
