"""The real framework: what is in it, and that every published figure of the dashboard has one place to go."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from typing import get_args

import pytest

from bi.site.words import DIRECTIONS, POPULATIONS, UNITS
from promise.catalogue.framework import FOLDER, framework
from promise.catalogue.framework_measures import Measure, Population, Series, Unit
from promise.catalogue.framework_words import POLARITY_OF, Direction
from promise.catalogue.live import CareInspectorate
from promise.catalogue.sources import sources
from promise.settings import ROOT
from promise.strict import read_yaml
from promise.vocabulary import UnknownValue
from promise.vocabulary.periods import read_period
from workbench.scaffolds.series import published, rows

BUNDLE = ROOT / "ingestion" / "sources"
Key = tuple[str, str, str]


def words_of_a_dashboard_row(row: dict[str, str]) -> tuple[str, str, str]:
    return row["indicator_short_label"], row["column_heading"], row["period_as_published"]


def words_of_an_lgbf_cell(row: dict[str, str]) -> tuple[str, str, str]:
    match = re.fullmatch(r"(.+?)\s+(\d{4}-\d{2})(\s+Real)?\s*", row["heading"])
    return (match[1], (match[3] or "").strip(), match[2]) if match else (row["heading"], "", "")


# Label, heading and period of a row, of the sources whose figures are taken apart by hand.
BY_HAND = {
    "promise_dashboard": words_of_a_dashboard_row,
    "lgbf": words_of_an_lgbf_cell,
    "lgbf_app": lambda row: (row["code"], "", row["year"]),
    "council_populations": lambda row: ("People of an age", row["sex"], "2022"),
    "limited_resources": lambda row: (row["housing_costs"], row["measurement"], row["date_code"]),
}


def published_labels() -> dict[Key, set[str]]:
    """Every series of the sources that feed measures, by source, label and heading, with the periods as printed."""
    found: dict[Key, set[str]] = defaultdict(set)
    for source_id in {each.source for _, _, each in framework().series() if sources()[each.source].bundle}:
        for (label, heading), shown in published(sources()[source_id]).items():
            found[source_id, label, heading] |= shown.periods
        if source_id not in BY_HAND:
            continue
        for row in rows(sources()[source_id]):
            label, heading, printed = BY_HAND[source_id](row)
            found[source_id, label, heading] |= {printed} - {""}
    return found


LABELS = published_labels()
# Published series near the framework that feed nothing, each for a reason of docs/framework.md.
LEFT_OUT = {
    "Care and risk management meetings",
    "Looked after children 5-15 with matchable Scottish Candidate Number",
    # of one year, beside the framework's own indicator
    "Change in incidents of seclusion on previous year",
    "Incidents of seclusion per place, school care accommodation (special residential)",
    "Incidents of seclusion per place, secure accommodation",
    "Incidents of seclusion, residential care services for children",
    # of one year or day, beside measures of other definitions
    "Children approved for adoption and waiting to be matched",
    "Children both looked after and on the child protection register",
    "Children looked after or on the child protection register (estimate)",
    "Children on the child protection register, under 5 years",
    "Children on the child protection register, under 5 years (with unborn)",
    "Children seeking asylum and refuge using fostering services",
    "Children seeking asylum and refuge who began using fostering services",
    "Developmental concern at 27-30 month review, gap most to least deprived",
    "Eligible young people 16-21 known to be receiving aftercare",
    "Eligible young people 22 or above known to be receiving aftercare",
    "Foster care households de-registered",
    "Looked after children on a permanence order",
    "New adoptive households approved",
    "Pupils looked after during the year in special schools or units (CfE return)",
    "Secure unit admissions from outside Scotland",
    "Young people entering continuing care on ceasing to be looked after",
    # shares of concerns, where the measures are of children
    "Concerns identified at child protection case conferences",
    "Concern at case conference: domestic abuse (share of all concerns)",
    "Concern at case conference: emotional abuse (share of all concerns)",
    "Concern at case conference: neglect (share of all concerns)",
    "Concern at case conference: parental mental health problems (share of all concerns)",
    "Concern at case conference: parental substance use (share of all concerns)",
    # six months are no year
    "Children associated with homeless households, six months",
    "Homelessness applications (all households), six months",
    "Households assessed homeless or threatened, six months",
    # disputed
    "School leavers with care experience since age 12",
    "School leavers with care experience since age 5",
    # money, by no unit that is kept
    "Weighted average cost of a secure care bed",
    "Whole Family Wellbeing Funding allocated (of £500 million committed)",
}
EXCLUSIONS = "Cases of exclusion per 1,000 pupils who experienced care within the school year"
SERIES = [(measure, each) for _, measure, each in framework().series()]
DASHBOARD = sorted(key for key in LABELS if key[0] == "promise_dashboard")


def everything_said(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from everything_said(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from everything_said(inner)
    else:
        yield value


def test_the_framework_has_what_has_been_published_of_it() -> None:
    found = framework()
    assert [each.number for each in found.vision_statements] == list(range(1, 11))
    theirs = [outcome for _, outcome in found.outcomes() if outcome.publication_state != "proposed"]
    assert len(theirs) == 8
    assert sum(outcome.text is not None for outcome in theirs) == 7
    published = [one.id for one, _, indicator in found.indicators() if indicator.publication_state == "published"]
    assert Counter(published) == {"vs01": 9, "vs03": 5, "vs05": 1, "vs09": 1}


def test_what_we_propose_covers_every_statement_and_says_that_it_is_ours() -> None:
    found = framework()
    proposed = [item for item in found.indicators() if item[2].publication_state == "proposed"]
    assert {statement.id for statement, _, _ in proposed} == {each.id for each in found.vision_statements}
    assert 45 <= len(list(found.indicators())) <= 49, "the framework has nearly 50"
    assert all((each.proposed_because or "").count(".") >= 2 for _, _, each in proposed), (
        "why, and what it does not say"
    )
    ours = [outcome for _, outcome in found.outcomes() if outcome.publication_state == "proposed"]
    assert ours
    assert all(re.fullmatch(r"vs\d\d_p\d", outcome.id) for outcome in ours), (
        "vsNN_oM stays free for the framework's own"
    )


def test_what_we_propose_leaves_a_gap_a_gap() -> None:
    """The statement of which Scotland has published nothing is not filled by us."""
    for statement, outcome, each in framework().indicators():
        if each.publication_state == "proposed" and statement.publication_state == "gap":
            assert outcome.publication_state in ("proposed", "gap")
            assert statement.gap_statement and "proposed by this project" in statement.gap_statement


def test_a_proposal_is_fed_by_figures() -> None:
    """What nobody publishes is a gap with somebody who could fill it, not an indicator."""
    found = framework()
    empty = [
        each.id
        for _, _, each in found.indicators()
        if each.publication_state == "proposed" and not all(one.series for one in each.measures)
    ]
    assert not empty


def test_a_proxy_of_everybody_says_so_in_its_marker_and_its_reason() -> None:
    proxies = [each for _, _, each in framework().indicators() if each.population_marker == "whole_population"]
    assert proxies
    counted = {each.id: {measure.population for measure in each.measures} for each in proxies}
    assert not {name for name, populations in counted.items() if populations & {"looked_after", "care_experienced"}}


def test_gaps_of_our_copies_are_told_apart_from_gaps_in_the_evidence() -> None:
    about = {gap.kind: gap.about for _, gap in framework().data_gaps()}
    assert {kind for kind, what in about.items() if what == "our_copy"} == {"wording_unknown", "figures_unknown"}
    assert "evidence" in about.values()


@pytest.mark.parametrize("label", sorted({key[1] for key in LABELS if key[0] == "published_series"}))
def test_each_published_series_feeds_a_measure_or_is_left_out_on_purpose(label: str) -> None:
    feeds = any(each.key[:2] == ("published_series", label) for _, each in SERIES)
    assert feeds != (label in LEFT_OUT)


def test_an_outcome_of_which_only_the_existence_is_known_has_no_text() -> None:
    unknown = [outcome for _, outcome in framework().outcomes() if outcome.text is None]
    assert [(each.id, each.publication_state) for each in unknown] == [("vs06_o1", "gap")]


def test_a_statement_with_nothing_published_shows_its_gap() -> None:
    gaps = {each.id: each for each in framework().vision_statements if each.publication_state == "gap"}
    assert sorted(gaps) == ["vs02", "vs04", "vs06", "vs07", "vs08", "vs10"]
    assert all(each.gap_statement and each.data_gaps for each in gaps.values())


def test_names_and_wording_that_changed_are_kept_in_both_versions() -> None:
    by_id = {each.id: each for each in framework().vision_statements}
    assert (by_id["vs02"].name, by_id["vs02"].earlier_name) == (
        "Carers and stability",
        "Supporting carers and providing stability",
    )
    assert by_id["vs06"].statement.endswith("enjoy good mental health.")
    assert (by_id["vs06"].earlier_statement or "").endswith("avoid hospitalisation.")
    assert by_id["vs10"].earlier_statement is None, "the copy of the 2024 report breaks off there"
    assert "part of statement 1 in front of it" in (by_id["vs08"].wording_note or ""), "a published fault"
    reworded = [each for each in by_id.values() if each.earlier_statement not in (None, each.statement)]
    assert [each.id for each in reworded if not each.wording_note] == []


def test_the_indicator_known_by_two_letters_is_a_gap_and_not_an_indicator() -> None:
    under = [each.id for _, outcome, each in framework().indicators() if outcome.id == "vs01_o2"]
    assert under == ["cp_registration_rate"]
    gap = next(gap for _, gap in framework().data_gaps() if gap.id == "gap_vs01_o2_second_indicator")
    assert (gap.outcome, gap.indicator, gap.kind) == ("vs01_o2", None, "wording_unknown")


def test_no_figure_is_kept_in_the_framework() -> None:
    numbers: dict[str, set[float]] = defaultdict(set)
    files = sorted(FOLDER.rglob("*.yml"))
    assert len(files) > 30
    for path in files:
        for value in everything_said(read_yaml(path)):
            if isinstance(value, int | float) and not isinstance(value, bool):
                numbers[path.parent.name if path.parent != FOLDER else path.name].add(value)
    places = set(range(1, 10))
    assert numbers.pop("indicators") <= {0, 1, 2, 100, 1000, -100} | places, "places, decimals, periods, bounds"
    assert numbers.pop("thresholds.yml") == {1, 1.5, 943}, "the rules, the last of them of so many people"
    assert max(numbers.pop("vision_statements")) <= 89, (
        "numbers of statements and outcomes, pages of the Promise report"
    )  # type: ignore[type-var]
    assert numbers.pop("small_numbers.yml") == {100}
    assert numbers.pop("signals.yml") == {0.998, 1, 28}
    assert numbers.pop("reports.yml") <= set(range(1, 13)), "months"
    assert max(numbers.pop("data_map", {0})) <= 1, "likeness of words, of links that were suggested"
    numbers.pop("totals.yml", None)  # what an outsider knows, and no reader is shown
    numbers.pop("targets.yml", None)  # what somebody agreed, not what was measured
    numbers.pop("returns")  # how many rows and characters a return may have
    assert not numbers


def test_there_are_series_to_hold_against_the_bundle() -> None:
    assert len(DASHBOARD) >= 12, "an edition more brings its own labels"
    assert len(SERIES) >= 50


def is_written_in(label: str, style: str) -> bool:
    try:
        read_period(label, style)
    except UnknownValue:
        return False
    return True


@pytest.mark.parametrize("key", DASHBOARD, ids=lambda key: f"{key[1]} / {key[2]}")
def test_each_series_of_the_dashboard_feeds_exactly_one_measure(key: Key) -> None:
    assert len([measure for measure, each in SERIES if each.key == key]) == 1


# What exists only at its publisher is held against what a stand-in shows (tests/integration/test_sources_only_live.py).
SHIPPED = [(measure, each) for measure, each in SERIES if sources()[each.source].bundle]


@pytest.mark.parametrize(("measure", "each"), SHIPPED, ids=[f"{one.id} / {each.label}" for one, each in SHIPPED])
def test_each_mapped_series_is_published_and_writes_periods_in_its_style(measure: Measure, each: Series) -> None:
    printed = LABELS.get(each.key)
    assert printed, f"{measure.id}: no row of {each.source} is labelled {each.label!r} / {each.heading!r}"
    exceptions = {item.label for item in each.period_exceptions}
    assert exceptions <= printed, "an exception for a period that is not printed"
    odd = [label for label in printed - exceptions if not is_written_in(label, each.period_style)]
    assert not odd, f"{measure.id}: {odd} do not look like {each.period_style}"


def test_an_exclusion_year_is_translated_label_by_label() -> None:
    """The page prints the year that ends in 2023 and the year that begins in 2020 each by one number."""
    each = next(each for _, each in SERIES if each.key[:2] == ("promise_dashboard", EXCLUSIONS))
    assert {item.label: item.means for item in each.period_exceptions} == {"2023": "2022/23", "2020": "2020/21"}
    assert not is_written_in("2024", each.period_style), "a label nobody has looked at must not pass"


def test_another_population_is_another_measure() -> None:
    """Looked after is not care experienced, and no series of one population feeds a measure of another."""
    assert "care_experienced" not in {measure.population for _, measure in framework().measures()}
    for measure, each in SERIES:
        gap = measure.unit == "percentage_points"  # between two populations; it is of the one that it is about
        if ("all pupils" in each.label and not gap) or each.key[1] in ("CHN19a", "CHN20a"):
            assert measure.population == "all_pupils", each.label
        if "all leavers" in each.label and not gap:
            assert measure.population == "all_school_leavers", each.label
        if "not looked after" in each.label:
            assert measure.population == "not_looked_after", each.label
        elif "ontinuing care" in each.label:
            assert measure.population == "continuing_care_eligible", each.label
        elif "ooked after" in each.label or each.key[1] in ("CHN8a", "CHN8b", "CHN9", "CHN19b", "CHN20b", "CHN23"):
            assert measure.population == "looked_after", each.label
        if "no care marker" in each.label or "all households" in each.label or "(all children)" in each.label:
            assert measure.population in ("all_children", "young_people", "households"), each.label


def test_what_is_multiplied_says_to_how_many_decimals_it_is_good() -> None:
    described = {"source": "lgbf_children", "label": "CHN09", "period_style": "lgbf_year", "times": 100}
    assert Series.model_validate(described | {"decimals": 2}).decimals == 2
    with pytest.raises(ValueError, match="times is 100 without decimals; say to how many"):
        Series.model_validate(described)


def test_council_figures_are_measures_of_their_own() -> None:
    local = {measure.id: {each.source for each in measure.series} for _, measure in framework().measures()
             if measure.geography == "council"}  # fmt: skip
    assert len(local) >= 20
    assert all(len({sources()[each].publisher for each in given_by}) == 1 for given_by in local.values())
    national = [measure for _, measure in framework().measures() if measure.geography == "national"]
    by_council = set.union(*local.values())
    of_both = {each.key for measure in national for each in measure.series if each.source in by_council}
    assert {source for source, _, _ in of_both} == {"registered_services"}
    live = sources()["registered_services"].live
    assert isinstance(live, CareInspectorate)
    assert [label for _, label, _ in of_both if live.kinds[label].by_council] == [], "Scotland alone"


def test_every_measure_has_a_rule_with_our_own_name_on_it_and_the_headline_the_direction() -> None:
    found = framework()
    measures = [*found.measures()]
    assert len(measures) > 150
    for indicator, measure in measures:
        assert found.threshold(measure).author == "this project"
        if measure.id == indicator.headline:
            assert measure.polarity == POLARITY_OF[indicator.direction]


def test_where_the_page_names_a_baseline_it_is_the_one_taken_or_the_reason_is_given() -> None:
    named = {each.id: each for _, _, each in framework().indicators() if each.page_baseline}
    assert {*named} == {"attendance_rate", "scqf6_leavers"}
    assert [each.id for each in named.values() if each.page_baseline != each.baseline_period_start] == []


def test_what_two_indicators_say_of_one_fact_is_counted_once() -> None:
    assert {each.id: each.same_fact_as for _, _, each in framework().indicators() if each.same_fact_as} == {
        "residential_care": "living_in_community"
    }


@pytest.mark.parametrize(
    ("indicator", "baseline"),
    [
        ("in_care_rate", date(2020, 7, 31)),
        ("aftercare_eligible_receiving", date(2020, 7, 31)),
        ("scqf5_leavers", date(2018, 8, 1)),
        ("scqf6_leavers", date(2018, 8, 1)),
        ("positive_destination_9_months", date(2019, 8, 1)),
        ("attendance_rate", date(2018, 8, 1)),
        ("exclusion_rate", date(2020, 8, 1)),
        ("seclusion_in_school_care", date(2023, 1, 1)),
        ("cp_registration_rate", None),
    ],
)
def test_the_baseline_is_the_one_that_the_framework_uses(indicator: str, baseline: date | None) -> None:
    found = {each.id: each for _, _, each in framework().indicators()}[indicator]
    assert found.baseline_period_start == baseline
    assert found.baseline_note


def test_a_missing_baseline_of_2020_says_what_would_fill_it_and_only_what_is_known_of_it() -> None:
    absent = [each for _, _, each in framework().indicators() if each.baseline_absence]
    assert len(absent) >= 14
    for each in absent:
        assert each.baseline_filled_by, each.id
        # That nobody publishes it, a page must say: ours not having it does not make it so.
        assert each.baseline_absence == "not_in_our_copy" or each.id == "seclusion_in_school_care", each.id


def test_the_thirty_two_councils_have_the_codes_in_force() -> None:
    codes = rows(sources()["phs_geography"])
    in_force = {row["ca"]: row["ca_name"] for row in codes if not row["ca_date_archived"]}
    councils = {each.area_code: each.id for each in framework().organisations if each.kind == "council"}
    assert len(councils) == 32
    assert councils == {code: re.sub(r"[^a-z]+", "_", name.lower()) for code, name in in_force.items()}


def test_the_publishers_of_the_sources_are_organisations() -> None:
    known = {each.id for each in framework().organisations}
    publishers = {read_yaml(path)["publisher"] for path in (ROOT / "ingestion" / "sources").glob("*/source.yml")}
    assert publishers
    assert publishers <= known


def test_route_maps_link_only_what_the_pages_print() -> None:
    linked = {(theme.name, one) for _, theme in framework().themes() for one in theme.vision_statements}
    assert len(list(framework().themes())) == 23
    assert linked == {
        ("Decision making", "vs02"), ("Stability", "vs02"), ("Where children live", "vs02"), ("Education", "vs03"),
        ("Relationships", "vs04"), ("Rights and restraint", "vs05"), ("Health", "vs07"), ("Justice", "vs08"),
        ("Moving on and lifelong support", "vs09"), ("Moving on and lifelong support", "vs10"),
    }  # fmt: skip


def test_the_site_has_words_for_every_unit_population_and_direction() -> None:
    assert set(get_args(Unit)) == set(UNITS)
    assert set(get_args(Population)) == set(POPULATIONS)
    assert set(get_args(Direction)) == set(DIRECTIONS)


def test_ids_fit_their_place() -> None:
    ids = [measure.id for _, measure in framework().measures()]
    ids += [gap.id for _, gap in framework().data_gaps()] + [each.id for each in framework().evidence]
    assert len(ids) > 80
    assert max(map(len, ids)) <= 40
