"""Signals: what is worth a conversation with a council, for staff alone, and how often a worse figure followed."""

from __future__ import annotations

import re
import stat
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg
import pytest
from asked import Query
from conftest import Warehouse
from markupsafe import escape
from scipy.stats import binomtest

from bi.site.build import build
from promise import database as db
from promise.catalogue.framework import framework
from warehouse import kept, published
from workbench.pages import signals_page

RULES = {rule.id: rule for rule in framework().signals}
BACKTEST = "select signal_rule_id, measure_id, horizon, flags, followed_by_worse, not_flagged, not_flagged_worse"
Key = tuple[str, str, date]


@pytest.fixture
def staff(warehouse: object) -> Query:
    """Ask the built warehouse as somebody at work with councils."""

    def ask(statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        with db.connect("staff") as conn:
            return conn.execute(statement.encode(), parameters).fetchall()

    return ask


def test_no_reader_has_a_signal_and_staff_have_what_readers_have_too(query: Query, staff: Query) -> None:
    marts = sorted(published.STAFF.glob("*.sql"))
    assert len(marts) >= 2
    for mart in (path.stem for path in marts):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied for schema restricted"):
            query(f"select * from restricted.{mart}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            query(f"select * from published.{mart}")
        assert query("select to_regclass(%s)", f"marts.{mart}") == [(None,)]
        assert staff(f"select count(*) >= 0 from restricted.{mart}") == [(True,)]
    assert staff("select count(*) > 0 from restricted.fct_signal") == [(True,)]
    assert staff("select count(*) > 0 from marts.fct_observation join marts.dim_area using (area_code)") == [(True,)]
    for schema in ("published", "candidate", "raw", "ops"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            staff(f"create table {schema}.more (one integer)")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        staff("select * from published.fct_signal")


def test_nobody_but_staff_may_read_what_is_restricted(query: Query) -> None:
    readers = query(
        "select rolname::text from pg_roles where has_schema_privilege(oid, 'restricted', 'usage') and not rolsuper"
        " and rolname not like 'pg\\_%%' order by 1"
    )
    # The releaser makes it, and the owner may do what the releaser may.
    assert readers == [("promise_owner",), ("promise_releaser",), ("promise_staff",)]


def test_a_mart_of_staff_that_readers_could_see_goes_back_with_the_next_release(
    copy_of_warehouse: psycopg.Connection[Any], warehouse: Warehouse
) -> None:
    parents = kept.parents_of(copy_of_warehouse, warehouse.release_id)
    assert "fct_signal" in parents and published.views_to_replace(copy_of_warehouse, parents) == []
    copy_of_warehouse.execute("alter view restricted.fct_signal set schema marts")
    assert published.views_to_replace(copy_of_warehouse, parents) == ["fct_signal"]
    published.replace_view(copy_of_warehouse, "fct_signal", parents["fct_signal"], warehouse.release_id)
    assert published.views(copy_of_warehouse)["fct_signal"] == "restricted"
    # A release of before there were any: gone back to, it takes them away.
    without = {mart: parent for mart, parent in parents.items() if published.schema_of(mart) == "marts"}
    assert published.views_to_replace(copy_of_warehouse, without) == sorted(
        each.stem for each in published.STAFF.glob("*.sql")
    )


def test_no_file_of_the_public_site_has_a_signal(staff: Query, tmp_path: Path) -> None:
    sentences = {text for (text,) in staff("select sentence from restricted.fct_signal")}
    assert len(sentences) > 100
    build(tmp_path / "site")
    files = [path for path in (tmp_path / "site").rglob("*") if path.is_file()]
    assert len(files) > 50
    for path in files:
        text = path.read_bytes().decode(errors="ignore")
        assert "fct_signal" not in text and "restricted." not in text, path
        assert not any(sentence in text for sentence in sentences), path


def test_staff_see_the_public_pages_and_one_of_signals_for_each_council(
    staff: Query, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(tmp_path / "alone")
    assert not (tmp_path / "alone-staff").exists()
    monkeypatch.setenv("PROMISE_SITE", "staff")
    build(tmp_path / "site")

    def content(name: str) -> dict[str, bytes]:
        folder = tmp_path / name
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    assert stat.S_IMODE((tmp_path / ".site-staff-versions").stat().st_mode) == 0o700
    public, of_staff = content("site"), content("site-staff")
    assert public == content("alone"), "the public site is the same with the other beside it"
    sentences = staff("select area_code, sentence from restricted.fct_signal where is_latest")
    councils = {
        code for (code,) in staff("select area_code from marts.dim_area where area_type = 'council' and is_current")
    }
    pages = {f"signals/{code}.html" for code in councils}
    assert of_staff.keys() - public.keys() == {"signals/index.html", *pages} and len(pages) == 32
    for code, sentence in sentences:
        assert str(escape(sentence)) in of_staff[f"signals/{code}.html"].decode()
    for page in pages:
        assert of_staff[page].decode().count("Its figures") == sum(
            f"signals/{code}.html" == page for code, _ in sentences
        )
        assert b"is no forecast" in of_staff[page]
    for path in public.keys() - {each for each in public if each.endswith(".html")}:
        assert of_staff[path] == public[path], path


def figures(query: Query) -> pd.DataFrame:
    """Figures of councils with what they are of and where the council stands, in the order of the periods."""
    columns = [
        "measure_id", "area_code", "period_start", "period_end", "figure", "quartile", "family", "small", "numerator",
        "denominator", "evidence", "polarity", "role",
    ]  # fmt: skip
    rows = query(
        "select measure_id, area_code, period_start, period_end, obs_value::float8, quartile, benchmark.family_group,"
        " coalesce(rank_reason in ('small_numbers', 'people_not_known'), false), numerator::int, denominator::int,"
        " evidence, polarity, role from marts.fct_benchmark as benchmark join marts.dim_measure using (measure_id)"
        " order by measure_id, area_code, period_start"
    )
    found = pd.DataFrame(rows, columns=columns)
    found["place"] = found.groupby(["measure_id", "area_code"]).cumcount()
    return found


def flagged(staff: Query, rule: str, where: str = "true") -> set[Key]:
    found = staff(
        f"select measure_id, area_code, period_start from restricted.fct_signal where signal_rule_id = %s and {where}",
        rule,
    )
    return {(measure, area, start) for measure, area, start in found}


@pytest.mark.parametrize(
    ("rule", "judgement"),
    [("worse_than_before", "judgement_since_previous"), ("worse_than_at_the_baseline", "computed_judgement")],
)
def test_a_council_is_worse_than_it_was_where_its_progress_says_so(
    query: Query, staff: Query, rule: str, judgement: str
) -> None:
    latest = query(
        "select measure_id, area_code, latest_period_start, baseline_period_start"
        " from marts.fct_progress join marts.dim_measure"
        f" using (measure_id) where area_code like 'S12%%' and role <> 'comparator' and {judgement} = 'worsening'"
        " and geography = 'council' and (measure_id, latest_period_start) in"
        " (select measure_id, max(period_start) from marts.fct_benchmark group by 1)"
    )
    rows = figures(query)
    rows["before"] = rows.groupby(["measure_id", "area_code"]).period_start.shift()
    small = {(row.measure_id, row.area_code, row.period_start) for row in rows.itertuples() if row.small}
    before = {(row.measure_id, row.area_code, row.period_start): row.before for row in rows.itertuples()}
    is_small = {}
    for *key, baseline in latest:
        measure, area, start = key
        since = before[measure, area, start] if RULES[rule].since == "previous" else baseline
        is_small[measure, area, start] = not {(measure, area, start), (measure, area, since)}.isdisjoint(small)
    assert flagged(staff, rule, "is_latest") == {key for key, either in is_small.items() if not either}
    assert is_small, "there are councils that are worse"


@pytest.mark.parametrize("rule", ["worse_than_before", "worse_than_at_the_baseline"])
def test_no_sentence_names_a_figure_of_too_few_people(query: Query, staff: Query, rule: str) -> None:
    of_few = {
        row[:3]
        for row in query(
            "select measure_id, area_code, period_label from marts.fct_benchmark"
            " where rank_reason in ('small_numbers', 'people_not_known')"
        )
    }
    rows = staff("select measure_id, area_code, sentence from restricted.fct_signal where signal_rule_id = %s", rule)
    named = [(row[:2], label) for row in rows for label in re.findall(r"\(([^()]+)\)(?= to |, and)", row[2])]
    assert len(named) == 2 * len(rows) > 0
    assert not [(*key, label) for key, label in named if (*key, label) in of_few]


def test_a_council_lost_a_quarter_where_its_places_say_so(query: Query, staff: Query) -> None:
    found = set()
    for _, own in figures(query).query("role != 'comparator'").groupby(["measure_id", "area_code"]):
        lost = own.quartile - own.quartile.shift() >= (RULES["lost_a_quarter"].quartiles or 0)
        found |= {(row.measure_id, row.area_code, row.period_start) for row in own[lost].itertuples()}
    assert found == flagged(staff, "lost_a_quarter") != set()


def test_a_council_is_outside_its_familys_limits_where_its_counts_say_so(query: Query, staff: Query) -> None:
    rows = figures(query).query("role != 'comparator' and evidence == 'share_of_counts' and polarity != 'neutral'")
    found = set()
    for _, family in rows.groupby(["measure_id", "period_start", "family"]):
        centre = family.numerator.sum() / family.denominator.sum()
        for row in family[~family.small].itertuples():
            limits = binomtest(int(row.numerator), int(row.denominator)).proportion_ci(
                RULES["outside_its_family"].confidence or 0, method="wilson"
            )
            is_worse = limits.high < centre if row.polarity == "higher_is_better" else limits.low > centre
            if is_worse:
                found.add((row.measure_id, row.area_code, row.period_start))
    assert found == flagged(staff, "outside_its_family") != set()


def test_a_return_is_missing_where_nearly_all_others_came(query: Query, staff: Query) -> None:
    rows = query(
        "select measure_id, area_code, period_start, obs_value is not null, conf_status <> 'free'"
        " from marts.fct_observation join marts.dim_measure using (measure_id)"
        " where area_code like 'S12%%' and breakdown = 'total' and geography = 'council'"
    )
    figure = {row[:3] for row in rows if row[3]}
    withheld = {row[:3] for row in rows if row[4]}
    councils = {area for (area,) in query("select area_code from marts.dim_area where area_type = 'council'")}
    found = set()
    for measure, start in {(measure, start) for measure, _, start in figure}:
        came = {area for area in councils if (measure, area, start) in figure}
        if len(came) < (RULES["return_missing"].councils or 0):
            continue
        found |= {
            (measure, area, start)
            for area in councils - came
            if (measure, area, start) not in withheld
            and any(of == measure and who == area and when < start for of, who, when in figure)
        }
    assert found == flagged(staff, "return_missing") != set()


def test_every_signal_is_a_sentence_about_a_council_with_its_rule(staff: Query) -> None:
    rows = staff("select area_name, kind, sentence, signal_rule_id, author from restricted.fct_signal")
    assert {rule for *_, rule, _ in rows} == set(RULES)
    for name, kind, sentence, rule, author in rows:
        assert sentence.startswith(f"{name}, ") and sentence.endswith(".") and "None" not in sentence
        assert (kind, author) == (RULES[rule].kind, RULES[rule].author)


def test_the_back_test_is_what_the_figures_after_each_signal_say(query: Query, staff: Query) -> None:
    rows = figures(query)
    series = dict(iter(rows.groupby(["measure_id", "area_code"])))
    breaks = query(
        "select measure_id, old_until, new_from, rejoined_from from marts.fct_break where certainty = 'established'"
    )
    baseline = {
        row[:2]: row[2]
        for row in query(
            "select measure_id, area_code, baseline_period_start from marts.fct_progress"
            " where computed_judgement <> 'cannot_be_calculated'"
        )
    }
    periods = {measure.id: indicator.minimum_periods for indicator, measure in framework().measures()}
    came = rows.groupby(["measure_id", "period_start"]).size()

    def is_broken(one: Any, two: Any) -> bool:
        for measure, until, since, rejoined in breaks:
            if measure != one.measure_id:
                continue
            if rejoined is None:
                if one.period_start < since and two.period_end > (until or since - pd.Timedelta(days=1)):
                    return True
            elif any(each.period_start < rejoined and each.period_end >= since for each in (one, two)):
                return True
        return False

    def asked(rule: str, own: list[Any], at: int) -> bool:
        row, kind = own[at], RULES[rule].kind
        if row.role == "comparator" and kind != "return_missing":
            return False
        if kind == "worsening":
            if RULES[rule].since == "previous":
                before = own[at - 1] if at else None
            else:
                start = baseline.get((row.measure_id, row.area_code))
                before = next((each for each in own[:at] if each.period_start == start), None)
                before = before if at + 1 >= (periods[row.measure_id] or 0) else None
            return before is not None and not before.small and not row.small and not is_broken(before, row)
        if kind == "outside_family":
            return row.evidence == "share_of_counts" and not row.small
        if kind == "lost_quartile":
            return at > 0 and pd.notna(own[at - 1].quartile) and pd.notna(row.quartile)
        return at > 0 and came[row.measure_id, row.period_start] >= (RULES[rule].councils or 0)

    expected: dict[tuple[str, str, int], list[int]] = {}
    for rule, described in RULES.items():
        flags = flagged(staff, rule)
        for key, frame in series.items():
            own = list(frame.itertuples())
            if own[0].polarity == "neutral":
                continue
            sign = -1 if own[0].polarity == "higher_is_better" else 1
            # A missing return stands where it is missing: what was known then is the figure before it.
            questions = [(at, row.period_start) for at, row in enumerate(own) if asked(rule, own, at)]
            if described.kind == "return_missing":
                missing = [start for measure, area, start in flags if (measure, area) == key]
                questions += [(sum(row.period_start <= start for row in own) - 1, start) for start in missing]
            for at, start in questions:
                for horizon in (1, 2):
                    if at + horizon >= len(own) or is_broken(own[at], own[at + horizon]):
                        continue
                    if own[at].small or own[at + horizon].small:
                        continue
                    worse = sign * (own[at + horizon].figure - own[at].figure) > 0
                    for name in (key[0], "all"):
                        counts = expected.setdefault((rule, name, horizon), [0, 0, 0, 0])
                        side = 0 if (*key, start) in flags else 2
                        counts[side] += 1
                        counts[side + 1] += worse
    assert {row[:3]: [*row[3:]] for row in staff(f"{BACKTEST} from restricted.fct_signal_backtest")} == expected
    assert expected["worse_than_before", "all", 1][0] > 300


def test_shares_of_the_back_test_have_wilsons_limits_and_its_parts_add_up(staff: Query) -> None:
    rows = staff(
        "select flags, followed_by_worse, false_alarms, share_worse::float8, share_worse_lci_95::float8,"
        " share_worse_uci_95::float8, not_flagged, not_flagged_worse, base_rate::float8, base_rate_lci_95::float8,"
        " base_rate_uci_95::float8 from restricted.fct_signal_backtest"
    )
    for flags, worse, alarms, share, low, high, others, others_worse, base, base_low, base_high in rows:
        assert flags == worse + alarms
        for k, n, found in ((worse, flags, (share, low, high)), (others_worse, others, (base, base_low, base_high))):
            if not n:
                assert found == (None, None, None)
                continue
            limits = binomtest(k, n).proportion_ci(method="wilson")
            assert found == pytest.approx((k / n, limits.low, limits.high), abs=1e-9)


def test_the_page_says_how_the_rules_did(staff: Query) -> None:
    rows = [signals_page.Tested(*row) for row in staff(signals_page.QUERY)]
    table = signals_page.figures(rows)
    text = signals_page.PAGE.read_text(encoding="utf-8")
    assert signals_page.between(text, signals_page.FIGURES).strip() == table.strip(), (
        f"docs/signals.md should say:\n{table}"
    )
    # What the page says of them in words.
    assert all(row.share < row.base for row in rows if row.share is not None and row.base is not None)
