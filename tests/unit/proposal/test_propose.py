"""What the review says of a changed dashboard, and that nothing differs once a person has done what it says."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from stand_ins.dashboard import Dashboard, Page

from promise.catalogue.framework import framework
from promise.errors import PromiseError
from promise.strict import read_yaml
from workbench.cli import main
from workbench.commands.propose import propose, to_review
from workbench.propose.review import Review, code

ATTENDANCE = (
    "education/outcome-one/rate-of-attendance-for-pupils-who-experienced-care-at-some-point-within-the-school-year"
)
EXCLUSIONS = (
    "education/outcome-one/cases-of-exclusions-per-1-000-pupils-who-experienced-care-at-some-point-within-the-school"
    "-year"
)
SECLUSION = (
    "physical-restraint/outcome-one/number-of-incidences-of-seclusion-reported-between-1st-january-and-31st-december"
    "-in-school-accommodation-services"
)
Ingest = Callable[..., Any]


@pytest.fixture
def changed(dashboard: Dashboard) -> Dashboard:
    """The dashboard after a year: every kind of change, with figures that are made up."""
    pages = dashboard.pages
    attendance = pages[ATTENDANCE]
    attendance.lines = ["Last updated: August 2026", "Next update due: August 2027"]
    attendance.print("Rate", "2024/25", "84.9%")
    attendance.print("Rate", "2023/24", "83.9%")
    pages["education/outcome-two/level-four"] = Page("Leavers with level four", lines=["Last updated: August 2026"])
    pages["education/outcome-two/level-four"].print("Number", "2024/25", "1, 234")
    pages["education/outcome-two/level-four"].print("Percentage", "2024/25", "71.5%")
    pages["aftercare/outcome-one"].words = "More young people receive the support that they ask for."
    pages["health"] = Page("Health", "Vision statement seven", framework().vision_statements[6].statement)
    pages["health/outcome-one"] = Page("Outcome one", "Outcome one", "Health needs are met in time.")
    pages["health/outcome-one/needs-met"] = Page("Children whose needs are met")
    pages["health/outcome-one/needs-met"].print("Percentage", "2024", "50%")
    pages["mental-health-and-wellbeing/outcome-one"].lines = ["There is an evidence gap on access to care."]
    del pages[SECLUSION]
    return dashboard


def write(review: Review, checkout: Path) -> None:
    """What a person does with values of keys at the head of a file, of outcomes, and with further labels of series."""
    for each in review.changes:
        path = checkout / each.file
        content, (_, after) = read_yaml(path), next(iter(each.values.values()))
        match each.what.split(", "):
            case ["measures", measure_id, _]:
                (measure,) = [each for each in content["measures"] if each["id"] == measure_id]
                (before, label) = each.values["label"]
                heading = re.findall(r"heading `(.*)`, and", each.decide)
                (known,) = [x for x in measure["series"] if (x["label"], [x["heading"]]) == (before, heading)]
                measure["series"].append(known | {"label": label})
            case ["outcomes", part]:
                outcome_id, key = part.split(": ")
                next(each for each in content["outcomes"] if each["id"] == outcome_id)[key] = after
            case [key]:
                content[key] = after
            case other:
                raise AssertionError(other)
        path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    framework.cache_clear()


def values(review: Review) -> dict[tuple[str, str], dict[str, tuple[str | None, str]]]:
    return {(Path(each.file).stem, each.what): dict(each.values) for each in review.changes}


def test_each_change_names_its_file_and_key_with_the_value_there_and_the_one_of_the_page(
    changed: Dashboard, ingest: Ingest, checkout: Path
) -> None:
    ingest()
    review, page = propose(root=checkout)
    assert page is not None and page.read_text(encoding="utf-8") == review.text()
    found, ours = values(review), {each.id: each.text for _, each in framework().outcomes()}
    assert found["attendance_rate", "last_updated"] == {"last_updated": ("August 2025", "August 2026")}
    name = "Rate of attendance for pupils who experienced care at some point within the school year"
    (_, label) = found["attendance_rate", "measures, attendance_rate__looked_after, series: a further entry"]["label"]
    assert label == name
    assert found["vs09_aftercare", "outcomes, vs09_o1: text"] == {
        "text": (ours["vs09_o1"], "More young people receive the support that they ask for.")
    }
    (new,) = [each for what, each in found.items() if what[1] == "outcomes, vs07_o1: a new entry"]
    assert {key: after for key, (_, after) in new.items()} | {"source_url": ""} == {
        "id": "vs07_o1", "number": "1", "text": "Health needs are met in time.", "source_url": "",
    }  # fmt: skip
    begun = [each.values for each in review.changes if each.what == "a new indicator"]
    assert [(each["outcome"][1], each["name"][1]) for each in begun] == [
        ("vs03_o2", "Leavers with level four"), ("vs07_o1", "Children whose needs are met"),
    ]  # fmt: skip
    text = review.text()
    assert "### `framework/indicators/attendance_rate.yml`" in text
    assert "    * `last_updated`: `August 2025` → `August 2026`\n" in text
    assert "    * `text`: nothing → `Health needs are met in time.`\n" in text


def test_every_value_is_printed_in_the_review(changed: Dashboard, ingest: Ingest, checkout: Path) -> None:
    ingest()
    review = propose(root=checkout)[0]
    lines = review.text().splitlines()
    pairs = [(key, after) for each in review.changes for key, (_, after) in each.values.items()]
    assert len(pairs) > 20
    for key, after in pairs:
        assert any(f"`{key}`: " in line and line.endswith(f"→ {code(after)}") for line in lines), (key, after)


def test_nothing_is_invented(changed: Dashboard, ingest: Ingest, checkout: Path) -> None:
    """Each value that a key would have is a page's, or says how the entry hangs together."""
    ingest()
    review = propose(root=checkout)[0]
    printed = {text for page in changed.pages.values() for text in (page.title, page.words, *page.lines)}
    printed |= {line.split(": ", 1)[1] for page in changed.pages.values() for line in page.lines if ": " in line}
    structure = {"published", "1", "vs03_o2", "vs07_o1", "vs06_o1", "health"}
    found = [after for each in review.changes for _, after in each.values.values()]
    assert len(found) > 20
    addresses = {page.url for page in review.state.pages.values()}
    assert [each for each in found if each not in printed | structure | addresses] == []


def test_a_gap_that_a_page_fills_is_named_and_so_is_one_that_a_page_speaks_of(
    changed: Dashboard, ingest: Ingest, checkout: Path
) -> None:
    ingest()
    found = {each.what for each in propose(root=checkout)[0].changes if each.what.startswith("data_gaps")}
    assert found == {
        "data_gaps, gap_vs07_outcomes: filled", "data_gaps, gap_vs03_o2_other_indicators: filled",
        "data_gaps, vs06_o1: a new gap of evidence",
    }  # fmt: skip


def test_first_words_and_first_figures_fill_what_was_unknown(
    dashboard: Dashboard, ingest: Ingest, checkout: Path
) -> None:
    place = "supporting-children-to-stay-with-their-families/outcome-one/kinship"
    entry = checkout / "framework" / "indicators" / "kinship_care.yml"
    kinship = framework().by_id["kinship_care"]
    page = f"https://www.plan2430.scot/the-promise-story-of-progress/promise-progress-framework-dashboard/{place}"
    entry.write_text(entry.read_text().replace(f"source_url: {kinship.source_url}", f"source_url: {page}"))
    dashboard.pages[place] = Page(kinship.name)
    dashboard.pages[place].print("Number", "2020", "1")
    dashboard.pages["mental-health-and-wellbeing/outcome-one"].words = "Children are well."
    ingest()
    review = propose(root=checkout)[0].text()
    for filled in ("gap_vs06_o1_wording", "gap_kinship_care_baseline"):
        assert f"**data_gaps, {filled}: filled**" in review
    assert "has a table heading that no series of kinship_care reads: `Number`, with `2020`" in review


def test_a_heading_that_all_pages_share_is_nobody_s_name(dashboard: Dashboard, ingest: Ingest, checkout: Path) -> None:
    for place, page in dashboard.pages.items():
        if place.count("/") < 2:
            page.title = "Promise Progress Framework"
    ingest()
    review = propose(root=checkout)[0]
    assert "Promise Progress Framework`" not in review.text()
    assert not [each for each in review.changes if "vision_statements/" in each.file]


def test_the_landed_file_is_named_for_whoever_carries_its_figures_along(
    changed: Dashboard, ingest: Ingest, checkout: Path
) -> None:
    figures = ingest()
    review = propose(root=checkout)[0].text()
    assert (
        f"the landed file `{figures.snapshot_id}`, to the letter, beside `ingestion/sources/promise_dashboard/"
        in review
    )


def test_revised_and_new_figures_are_listed(changed: Dashboard, ingest: Ingest, checkout: Path) -> None:
    ingest()
    review = propose(root=checkout)[0].text()
    assert "* revised: 1\n* new: 4\n* no longer printed: 0\n* written otherwise: 0\n" in review
    assert "`2023/24`: `83.7%` before, `83.9%` now" in review
    assert "`2024/25`: `84.9%` now" in review


def test_what_no_program_can_decide_is_asked(changed: Dashboard, ingest: Ingest, checkout: Path) -> None:
    changed.pages[ATTENDANCE].print("Number", "2024/25", "100")
    changed.pages[EXCLUSIONS].print("Number", "2024", "99")
    changed.pages["new-vision"] = Page("Another vision")
    changed.pages["aftercare/outcome-two"] = Page("Outcome two", "Outcome two", "One wording.")
    changed.pages["aftercare/outcome-2"] = Page("Outcome 2", "Outcome 2", "Another.")
    changed.pages["aftercare/outcome-0"] = Page("Outcome 0")
    ingest()
    review = propose(root=checkout)[0].text()
    for asked in (
        "is gone: it was the page of the indicator seclusion_in_school_care",
        "has a table heading that no series of attendance_rate reads: `Number`",
        "prints periods that are no academic_year, as which exclusion_rate__looked_after reads them: `2024`",
        "is headed `Another vision`, and its vision statement is not known",
        "Its table has `Number`, `Percentage`, and periods `2024/25`: each heading needs a measure.",
        "is one of several pages of vs09_o2: which is it?",
        "its address does not say the how-manyth outcome it is",
    ):
        assert asked in review


def test_an_indicator_of_the_same_name_is_asked_about_and_not_begun(
    dashboard: Dashboard, ingest: Ingest, checkout: Path
) -> None:
    name = framework().by_id["kinship_care"].name
    place = "supporting-children-to-stay-with-their-families/outcome-one/kinship"
    dashboard.pages[place] = Page(name)
    dashboard.pages[place].print("Number", "2024", "1")
    ingest()
    review = propose(root=checkout)[0]
    assert "as kinship_care is named, and nothing else says that it is the same" in review.text()
    assert "a new indicator" not in {each.what for each in review.changes}


def test_a_state_without_changes_asks_only_for_its_labels_and_then_nothing_differs(
    dashboard: Dashboard, ingest: Ingest, checkout: Path, home: Path
) -> None:
    ingest()
    review = propose(root=checkout)[0]
    assert (review.questions, review.figures) == ([], []), review.text()
    assert {what.rsplit(": ", 1)[1] for _, what in values(review)} == {"a further entry"}
    write(review, checkout)
    before = sorted(home.rglob("*"))
    assert propose(root=checkout)[1] is None
    assert sorted(home.rglob("*")) == before


def test_what_a_person_wrote_as_the_review_says_differs_no_more(
    dashboard: Dashboard, ingest: Ingest, checkout: Path
) -> None:
    dashboard.pages[ATTENDANCE].lines = ["Last updated: August 2026", "Next update due: August 2027"]
    dashboard.pages["aftercare/outcome-one"].words = "More young people receive the support that they ask for."
    dashboard.pages["education"].title = "Learning"
    ingest()
    review = propose(root=checkout)[0]
    assert {"name", "last_updated", "next_update_due", "outcomes, vs09_o1: text"} <= {
        what for _, what in values(review)
    }
    write(review, checkout)
    after = propose(root=checkout)[0]
    assert (after.changes, after.questions, after.figures) == ([], [], []), after.text()


def test_the_checkout_stays_as_it_is_and_the_same_state_gives_the_same_review(
    changed: Dashboard, ingest: Ingest, checkout: Path
) -> None:
    ingest()
    before = {path: path.read_bytes() for path in checkout.rglob("*") if path.is_file()}
    first, page = propose(root=checkout)
    second, again = propose(root=checkout)
    assert (first.text(), page) == (second.text(), again)
    assert {path: path.read_bytes() for path in checkout.rglob("*") if path.is_file()} == before


def test_an_earlier_review_is_never_replaced(
    changed: Dashboard, ingest: Ingest, checkout: Path, tmp_path: Path
) -> None:
    ingest()
    out = tmp_path / "out"
    out.mkdir()
    (out / "REVIEW.md").write_text("mine")
    with pytest.raises(PromiseError, match="holds something else"):
        propose(out=out, root=checkout)
    assert [path.read_text() for path in out.iterdir()] == ["mine"]
    _, first = propose(root=checkout)
    entry = checkout / "framework" / "indicators" / "attendance_rate.yml"
    entry.write_text(entry.read_text().replace("last_updated: August 2025", "last_updated: August 2026"))
    framework.cache_clear()
    _, second = propose(root=checkout)
    assert first is not None and second is not None
    assert second.parent == first.parent.with_name(f"{first.parent.name}_2")


def test_another_state_is_named_by_the_beginning_of_its_id(
    dashboard: Dashboard, ingest: Ingest, checkout: Path
) -> None:
    earlier = ingest()
    dashboard.pages[ATTENDANCE].print("Rate", "2024/25", "84.9%")
    ingest()
    assert len(propose(root=checkout)[0].figures) == 1
    assert propose(earlier.snapshot_id[:10], root=checkout)[0].figures == []
    with pytest.raises(PromiseError, match="no landed state of the dashboard begins with 'nothing'"):
        propose("nothing", root=checkout)


def test_people_are_told_by_the_status_that_there_is_something_to_review(changed: Dashboard, ingest: Ingest) -> None:
    assert to_review() is None
    ingest()
    assert "`promise framework propose`" in (to_review() or "")


def test_without_a_landed_state_the_command_says_what_to_do(home: Path) -> None:
    done = CliRunner().invoke(main, ["framework", "propose"])
    assert done.exit_code == 1
    assert "describe `live:` in ingestion/sources/promise_dashboard/source.yml" in done.output
