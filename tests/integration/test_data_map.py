"""The Data Map of the built warehouse: what is in it, what it finds, and what it never says."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest
from asked import Query
from click.testing import CliRunner, Result

from promise.catalogue import data_map as decisions
from promise.catalogue.framework import framework
from promise.catalogue.sources import sources
from workbench.cli import main

pytestmark = pytest.mark.usefixtures("warehouse")


def test_every_holding_source_description_and_catalogue_entry_is_in_it_once(query: Query) -> None:
    entries = dict(query("select entry, count(*) from marts.dim_dataset group by entry"))
    assert (entries["holding"], entries["described"], entries["catalogue"]) == (37, 233, 284)
    assert entries["source"] == sum(each.returns is None for each in sources().values())
    assert query("select count(distinct held_by) from marts.dim_dataset where entry = 'holding'") == [(14,)]


def test_the_map_begins_with_holdings_and_what_is_linked_or_about_children_and_not_with_bus_stops(query: Query) -> None:
    assert query("select bool_and(is_in_front) from marts.dim_dataset where entry = 'holding'") == [(True,)]
    assert query("select count(*) from marts.dim_dataset where not is_in_front and vision_statement_ids <> '{}'") == [
        (0,)
    ]
    behind = {title for (title,) in query("select title from marts.dim_dataset where not is_in_front")}
    assert len(behind) > 300
    assert not [title for title in behind if "child" in title.lower().split()]


def test_what_no_page_gives_is_null_and_not_a_word_for_it(query: Query) -> None:
    assert query(
        "select count(*) filter (where lawful_basis <> '{}'), count(sharing_agreements), count(contact_role),"
        " count(access_rights) < 37 from marts.dim_dataset where entry = 'holding'"
    ) == [(0, 0, 0, True)]
    told = query(
        "select count(*) from marts.dim_dataset as d, jsonb_each_text(to_jsonb(d)) as f"
        " where lower(f.value) in ('', 'unknown', 'n/a', 'none known')"
    )
    assert told == [(0,)]


def test_who_holds_data_on_brothers_and_sisters_is_answered(query: Query) -> None:
    held = query(
        "select distinct held_by from marts.dim_dataset where 'siblings_apart_in_foster_care' = any(indicator_ids)"
        " and entry = 'holding'"
    )
    assert held == [("Care Inspectorate",)]


def test_what_we_measured_stands_beside_what_is_loaded_and_beside_nothing_else(query: Query) -> None:
    rows = query(
        "select entry, count(figures), min(missing_share), max(missing_share) from marts.dim_dataset group by 1"
    )
    for entry, measured, least, most in rows:
        assert (measured > 5) == (entry == "source")
        assert entry != "source" or 0 <= least <= most <= 1


def test_a_suggestion_is_never_a_link(query: Query) -> None:
    assert query("select count(*) > 50, min(score) >= 0.2, max(score) <= 1 from marts.fct_dataset_suggestion") == [
        (True, True, True)
    ]
    both = query(
        "select count(*) from marts.fct_dataset_suggestion"
        " inner join marts.bridge_dataset_link using (dataset_id, target_id)"
    )
    assert both == [(0,)]


def test_the_two_releases_of_one_research_dataset_are_a_candidate_and_so_is_no_dataset_with_itself(
    query: Query,
) -> None:
    pairs = query("select dataset_id, other_dataset_id from marts.fct_dataset_duplicate")
    assert ("holding:dh001", "holding:dh002") in pairs
    assert all(one < other for one, other in pairs)


def test_no_join_is_said_to_be_free_where_nobody_has_said_on_what_basis(query: Query) -> None:
    assert query("select count(*) > 10 from marts.fct_dataset_link") == [(True,)]
    free = query(
        "select count(*) from marts.fct_dataset_link as link inner join marts.dim_dataset as d using (dataset_id)"
        " where link.blocked_by = 'nothing' and (d.lawful_basis = '{}' or d.sharing_agreements is null)"
    )
    assert free == [(0,)]


def test_each_question_whose_wording_is_known_is_answered_partly_or_not_by_links_alone(query: Query) -> None:
    answers = {
        question: (answered, datasets)
        for question, answered, datasets in query(
            "select question_id, answered, dataset_ids from marts.fct_question_answer"
        )
    }
    assert set(answers) == {each.id for each in framework().what_matters.questions}
    for question, (answered, datasets) in answers.items():
        linked = {link.dataset for link in decisions.data_map().links if link.about == question}
        assert set(datasets) == linked
        assert (answered == "not") == (not linked)


def test_a_requirement_names_what_no_page_gives_and_gives_no_duty_without_its_page(query: Query) -> None:
    rows = query(
        "select duty, duty_url, not_known, organisation_id, organisation_words from marts.fct_reporting_requirement"
    )
    assert len(rows) > 200
    for duty, page, not_known, organisation, words in rows:
        assert (duty is None) == (page is None) == ("duty" in not_known)
        assert (organisation is None) == (words is not None)


def test_a_council_is_asked_for_a_plan_and_a_report_about_one_thing_at_two_times(query: Query) -> None:
    rows = query(
        "select report_id, could_align from marts.fct_reporting_requirement where organisation_id = 'fife'"
        " and subject = 'childrens_services' order by 1"
    )
    assert rows == [
        ("rep_childrens_services", ["rep_childrens_services_plan"]),
        ("rep_childrens_services_plan", ["rep_childrens_services"]),
    ]


def test_every_outcome_has_its_three_strands_and_says_which_is_missing(query: Query) -> None:
    rows = query("select outcome_id, numbers_show, pieces_heard, commitments, missing from marts.outcome_strands")
    assert {row[0] for row in rows} == {each.id for _, each in framework().outcomes()}
    for _, numbers, heard, commitments, missing in rows:
        assert ("numbers" in missing) == (numbers == "no_figures")
        assert ("heard" in missing) == (heard == 0)
        assert ("done" in missing) == (commitments == 0)


def test_what_the_map_finds_stays_out_of_what_people_wrote_down(query: Query) -> None:
    kinds = {kind for (kind,) in query("select distinct kind from marts.fct_data_gap where about = 'map'")}
    assert {
        "whole_population_proxy",
        "equality_group",
        "no_council_figures",
        "ended_dataset",
        "question_not_answered",
    } <= kinds
    summed = query("select array_length(data_gaps, 1) from marts.national_summary")
    recorded = query("select count(*) from marts.fct_data_gap where about <> 'map'")
    assert summed == recorded


def promise(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["map", *arguments], env={"COLUMNS": "200"})


def test_suggestions_are_listed_as_what_they_are() -> None:
    told = promise("review", "--at-least", "0.5")
    assert told.exit_code == 0, told.output
    assert "none of these is a link" in told.output and "to judge" in told.output


def test_an_accepted_suggestion_is_written_with_its_score_and_is_suggested_no_more(
    query: Query, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("links.yml", "synonyms.yml"):
        (tmp_path / name).write_text((decisions.FILES / name).read_text(encoding="utf-8"), encoding="utf-8")
    read = decisions.data_map
    monkeypatch.setattr("workbench.commands.data_map.FILES", tmp_path)
    monkeypatch.setattr("workbench.commands.data_map.data_map", functools.cache(lambda: read.__wrapped__(tmp_path)))
    ((dataset, about, score),) = query(
        "select dataset_id, target_id, score from marts.fct_dataset_suggestion order by score desc, 1, 2 limit 1"
    )
    told = promise(
        "accept", dataset, about, "--how", "partly", "--author", "somebody", "--reason", "They count the same."
    )
    assert told.exit_code == 0, told.output
    link = read.__wrapped__(tmp_path).links[-1]
    assert (link.dataset, link.about, link.how, link.score) == (dataset, about, "partly", pytest.approx(float(score)))
    assert dataset not in promise("review", "--dataset", dataset, "--about", about).output
    again = promise("accept", dataset, about, "--author", "somebody", "--reason", "Twice.")
    assert again.exit_code == 1 and "already" in again.output


@pytest.mark.parametrize(
    ("dataset", "about", "says"),
    [
        pytest.param("holding:dh001", "vs11", "there is no 'vs11' in the framework", id="of nothing that there is"),
        pytest.param(
            "holding:nobodys", "vs01", "nothing suggests holding:nobodys for vs01", id="that nothing suggests"
        ),
    ],
)
def test_what_cannot_be_accepted_says_what_to_do(dataset: str, about: str, says: str) -> None:
    told = promise("accept", dataset, about, "--author", "somebody", "--reason", "A reason.")
    assert told.exit_code == 1 and says in " ".join(told.output.split())


def test_a_plan_is_held_beside_the_framework(tmp_path: Path) -> None:
    plan = tmp_path / "plan.csv"
    plan.write_text(
        "measure\nYoung people eligible for aftercare who receive it\nBins emptied on time\n", encoding="utf-8"
    )
    told = promise("read-across", str(plan))
    assert told.exit_code == 0, told.output
    aligned, own = told.output.index("Aligned"), told.output.index("Your own")
    assert aligned < told.output.index("aftercare who receive it") < own < told.output.index("Bins emptied")
    assert "Children in care" in told.output[told.output.index("Missing") :]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"", "no column `measure` or `title`", id="empty"),
        pytest.param(b"indicator,value\nx,1\n", "it has: indicator, value", id="without a column of measures"),
        pytest.param(b"measure\n\n", "no measure in it", id="with headings alone"),
        pytest.param("measure\nCôté\n".encode("latin-1"), "not UTF-8", id="in another encoding"),
        pytest.param(b"measure\n" + b"x\n" * 2_001, "2,001 measures", id="of something that is no plan"),
    ],
)
def test_a_file_that_is_no_plan_says_what_to_write(tmp_path: Path, content: bytes, says: str) -> None:
    plan = tmp_path / "plan.csv"
    plan.write_bytes(content)
    told = promise("read-across", str(plan))
    assert told.exit_code == 1 and says in " ".join(told.output.split())
