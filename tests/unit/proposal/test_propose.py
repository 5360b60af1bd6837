"""What is proposed of a changed dashboard: the patch is applied to a copy, and the catalogue reads it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from stand_ins.dashboard import Dashboard, Page

from promise.catalogue.framework import framework
from promise.catalogue.framework_indicators import Indicator
from promise.catalogue.framework_measures import Measure, Series
from promise.catalogue.framework_model import Framework
from promise.catalogue.sources import ENTRY, Source
from promise.errors import PromiseError
from promise.strict import QUESTION, CatalogueError, load_yaml, read_yaml
from workbench.cli import main
from workbench.commands.propose import propose, to_review
from workbench.pages import field_reference
from workbench.propose.compare import Proposal

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


def apply(made: Proposal, folder: Path, checkout: Path) -> None:
    done = subprocess.run(
        ["git", "apply", "--verbose", str(folder / "framework.patch")],
        cwd=checkout, capture_output=True, text=True, check=False,
        env={"PATH": "/usr/bin:/bin", "GIT_CEILING_DIRECTORIES": str(checkout.parent)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def read(checkout: Path) -> Framework:
    framework.cache_clear()
    return framework(
        checkout / "framework", checkout / "ingestion" / "sources", checkout / "dbt" / "models" / "marts" / "indicators"
    )


def answer(checkout: Path) -> None:
    """What a person does: every question of the files answered by an example that the model gives."""
    for path in sorted((checkout / "framework").rglob("*.yml")):
        if QUESTION not in path.read_text(encoding="utf-8"):
            continue
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        if "measures" in content:
            measure = content["measures"][0]
            for part, of in ((content, Indicator), (measure, Measure), (measure["series"][0], Series)):
                examples = field_reference.example(of)
                part |= {key: examples[key] for key, said in part.items() if str(said).startswith(QUESTION)}
            content |= {"direction": "increase", "geography": ["national"]}
        for gap in content.get("data_gaps", ()):
            if str(gap["kind"]).startswith(QUESTION):
                gap |= {"kind": "not_measured", "could_be_filled_by": ["scottish_government"]}
        path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")


def test_the_patch_applies_and_the_catalogue_refuses_exactly_the_open_questions(
    changed: Dashboard, ingest: Ingest, checkout: Path
) -> None:
    ingest()
    made, folder = propose(root=checkout)
    assert folder is not None
    apply(made, folder, checkout)
    with pytest.raises(CatalogueError) as told:
        read(checkout)
    assert all(": still to be written: " in line for line in str(told.value).splitlines())
    answer(checkout)
    after = read(checkout)
    assert set(after.by_id) - set(framework().by_id) == {"level_four", "needs_met"}
    statement = after.vision_statements[6]
    assert (statement.publication_state, statement.gap_statement) == ("published", None)
    assert next((each.id, each.text, each.publication_state) for each in statement.outcomes) == (
        "vs07_o1", "Health needs are met in time.", "published",
    )  # fmt: skip
    outcomes = {each.id: each for _, each in after.outcomes()}
    assert outcomes["vs09_o1"].text == "More young people receive the support that they ask for."
    assert (after.by_id["attendance_rate"].last_updated, after.by_id["attendance_rate"].next_update_due) == (
        "August 2026", "August 2027",
    )  # fmt: skip


def test_only_lines_that_change_are_touched(changed: Dashboard, ingest: Ingest, checkout: Path) -> None:
    ingest()
    patch = propose(root=checkout)[0].patch
    parts = patch.split("diff --git ")
    (part,) = [each for each in parts if each.startswith("a/framework/indicators/attendance_rate.yml")]
    lines = [line for line in part.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert sorted(lines) == [
        "+        heading: Rate",
        "+        label: Rate of attendance for pupils who experienced care at some point within the school year",
        "+        period_style: academic_year",
        "+      - source: promise_dashboard",
        "+last_updated: August 2026",
        "+next_update_due: August 2027",
        "-last_updated: August 2025",
        "-next_update_due: August 2026",
    ]


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for each in value.values():
            yield from leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each)
    else:
        yield value


def test_nothing_is_invented(changed: Dashboard, ingest: Ingest, checkout: Path) -> None:
    """Each value of a new file or entry is a page's, null, a question, or says how the entry hangs together."""
    ingest()
    before = {path: read_yaml(path) for path in (checkout / "framework").rglob("*.yml")}
    made, folder = propose(root=checkout)
    assert folder is not None
    apply(made, folder, checkout)
    printed = {text for page in changed.pages.values() for row in page.table for text in row}
    printed |= {text for page in changed.pages.values() for text in (page.title, page.words, *page.lines)}
    printed |= {line.split(": ", 1)[1] for page in changed.pages.values() for line in page.lines if ": " in line}
    structure = {
        "promise_dashboard", "published", "gap", "headline", "level_four", "needs_met", "level_four__headline",
        "needs_met__headline", "vs03_o2", "vs07_o1", "vs06_o1", "gap_vs06_o1_evidence", "health",
    }  # fmt: skip
    looked_at = 0
    for path in (checkout / "framework").rglob("*.yml"):
        known = list(leaves(before.get(path)))
        for value in leaves(read_yaml(path)):
            if value in known or value is None or isinstance(value, int):
                continue
            looked_at += 1
            is_page = str(value).startswith("http://127.0.0.1")
            assert value in printed | structure or is_page or value.startswith(QUESTION), (path.name, value)
    assert looked_at > 20


def test_a_gap_that_a_page_fills_is_taken_out_and_named(changed: Dashboard, ingest: Ingest, checkout: Path) -> None:
    ingest()
    made, folder = propose(root=checkout)
    assert folder is not None
    apply(made, folder, checkout)
    gone = {"gap_vs07_outcomes", "gap_vs03_o2_other_indicators"}
    files = [read_yaml(path) for path in (checkout / "framework" / "vision_statements").glob("*.yml")]
    left = {gap["id"] for each in files for gap in each["data_gaps"]}
    ours = {gap.id for each in framework().vision_statements for gap in each.data_gaps}
    assert (ours - left, left - ours) == (gone, {"gap_vs06_o1_evidence"})
    assert all(f"**{each}: filled**" in made.review for each in gone)


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
    review = propose(root=checkout)[0].review
    for filled in ("gap_vs06_o1_wording", "gap_kinship_care_baseline"):
        assert f"**{filled}: filled**" in review
    assert "has a table heading that no series of kinship_care reads: `Number`, with `2020`" in review


def test_a_heading_that_all_pages_share_is_nobody_s_name(dashboard: Dashboard, ingest: Ingest, checkout: Path) -> None:
    for place, page in dashboard.pages.items():
        if place.count("/") < 2:
            page.title = "Promise Progress Framework"
    ingest()
    made = propose(root=checkout)[0]
    assert "Promise Progress Framework`" not in made.review
    assert "vision_statements/" not in made.patch


def test_figures_come_as_an_edition_of_the_bundle_to_the_letter(
    changed: Dashboard, ingest: Ingest, checkout: Path
) -> None:
    figures = ingest()
    made, folder = propose(root=checkout)
    assert folder is not None
    apply(made, folder, checkout)
    described = load_yaml(checkout / "ingestion" / "sources" / "promise_dashboard" / ENTRY, Source)
    edition = described.bundle[-1]
    path = checkout / "ingestion" / "sources" / "promise_dashboard" / edition.file
    assert path.read_bytes() == figures.content.read_bytes()
    assert edition.held_since == made.state.taken_on
    said = edition.publication
    assert said is not None
    assert (said.id, said.rank, said.published_on, said.precision, said.series) == (
        f"ppf_dashboard_{figures.snapshot_id[:8]}", 3, None, "unknown", "Promise Progress Framework dashboard",
    )  # fmt: skip


def test_revised_and_new_figures_are_listed(changed: Dashboard, ingest: Ingest, checkout: Path) -> None:
    ingest()
    review = propose(root=checkout)[0].review
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
    review = propose(root=checkout)[0].review
    for asked in (
        "is gone: it was the page of the indicator seclusion_in_school_care",
        "has a table heading that no series of attendance_rate reads: `Number`",
        "prints periods that are no academic_year, as which exclusion_rate__looked_after reads them: `2024`",
        "is headed `Another vision`, and its vision statement is not known",
        "begun as level_four. Is that its id?",
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
    made = propose(root=checkout)[0]
    assert "as kinship_care is named, and nothing else says that it is the same" in made.review
    assert made.patch.count("new file mode") == 1, "the edition of the bundle, and no indicator"


def test_a_state_without_changes_asks_only_for_its_labels_and_then_nothing_differs(
    dashboard: Dashboard, ingest: Ingest, checkout: Path, home: Path
) -> None:
    ingest()
    made, folder = propose(root=checkout)
    assert folder is not None
    assert (made.questions, made.figures) == (0, 0), made.review
    apply(made, folder, checkout)
    read(checkout)
    before = sorted(home.rglob("*"))
    assert propose(root=checkout)[1] is None
    assert sorted(home.rglob("*")) == before


def test_the_checkout_stays_as_it_is_and_the_same_state_gives_the_same_proposal(
    changed: Dashboard, ingest: Ingest, checkout: Path
) -> None:
    ingest()
    before = {path: path.read_bytes() for path in checkout.rglob("*") if path.is_file()}
    first, folder = propose(root=checkout)
    second, again = propose(root=checkout)
    assert (first.patch, first.review, folder) == (second.patch, second.review, again)
    assert {path: path.read_bytes() for path in checkout.rglob("*") if path.is_file()} == before


def test_an_earlier_proposal_is_never_replaced(
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
    assert (second.parent, second.name) == (first.parent, f"{first.name}_2")


def test_another_state_is_named_by_the_beginning_of_its_id(
    dashboard: Dashboard, ingest: Ingest, checkout: Path
) -> None:
    earlier = ingest()
    dashboard.pages[ATTENDANCE].print("Rate", "2024/25", "84.9%")
    ingest()
    assert propose(root=checkout)[0].figures == 1
    assert propose(earlier.snapshot_id[:10], root=checkout)[0].figures == 0
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
