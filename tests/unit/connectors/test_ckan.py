"""CKAN: the newest resource by the stated rule, its dump, and refusals that come as success."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from stand_ins.dialects import ckan
from stand_ins.publisher import Publisher, status

from ingestion.errors import SourceChanged, SourceUnavailable
from promise.catalogue.live import Ckan

LIVE = {"transport": "ckan", "dataset": "reviews", "resource": "(?i)council area"}


def resource(number: int, name: str, modified: str | None, created: str = "2020-01-01T00:00:00") -> ckan.Resource:
    rows = [["CA", "Number"], ["S12000005", str(number)]]
    return ckan.Resource(f"0000-{number}", name, rows, created, modified, f"reviews {number}.csv")


RESOURCES = [
    resource(1, "Council Area", "2023-05-01T10:00:00", "2022-01-01T00:00:00"),
    resource(2, "Health Board", "2025-05-01T10:00:00"),
    resource(3, "Council area, revised", "2024-05-01T10:00:00"),
    resource(4, "Council area, old", None, "2019-01-01T00:00:00"),
]


def test_the_newest_resource_that_fits_is_dumped(publisher: Publisher, take: Any) -> None:
    ckan.speak(publisher, {"reviews": RESOURCES})
    (snapshot,) = take("", **LIVE)
    assert snapshot.content.read_text() == "_id,CA,Number\n1,S12000005,3\n"
    assert snapshot.file_name == "reviews 3.csv"
    assert snapshot.origin == {
        "dataset": "reviews", "resource_id": RESOURCES[2].id, "resource_name": "Council area, revised",
        "resource_created": "2020-01-01T00:00:00", "resource_last_modified": "2024-05-01T10:00:00",
        "resource_size": len("CA,Number\nS12000005,3\n"),
    }  # fmt: skip
    assert publisher.requests[0].query == {"id": "reviews"}


@pytest.mark.parametrize(
    ("rule", "chosen"),
    [("last_modified", 2), ("created", 0), ("name", 2)],
)
def test_each_rule_orders_by_what_it_says(publisher: Publisher, take: Any, rule: str, chosen: int) -> None:
    ckan.speak(publisher, {"reviews": RESOURCES[::-1]})
    (snapshot,) = take("", **LIVE, newest_by=rule)
    assert snapshot.origin["resource_id"] == RESOURCES[chosen].id
    assert [each.target for each in publisher.requests][1] == RESOURCES[chosen].dump


def test_a_dump_that_holds_fewer_records_than_the_portal_counts_is_not_landed(
    publisher: Publisher, take: Any, home: Any
) -> None:
    cut = resource(1, "Council area", None)
    cut.lost = 39_999
    ckan.speak(publisher, {"reviews": [cut]})
    with pytest.raises(SourceUnavailable, match=r"counts 40,000 records and .*/datastore/dump/0000-1 gave 1; expected"):
        take("", **LIVE)
    assert not [path for path in (home / "landing" / "figures").rglob("*") if path.is_file()]
    cut.lost = 0
    assert take("", **LIVE)[0].content.read_text() == "_id,CA,Number\n1,S12000005,1\n"


def test_a_portal_that_does_not_count_claims_nothing(publisher: Publisher, take: Any) -> None:
    uncounted = resource(1, "Council area", None)
    uncounted.counts, uncounted.lost = False, 7
    ckan.speak(publisher, {"reviews": [uncounted]})
    assert take("", **LIVE)


def test_an_unchanged_dump_is_not_fetched_again(publisher: Publisher, take: Any) -> None:
    ckan.speak(publisher, {"reviews": RESOURCES})
    first, second = take("", **LIVE), take("", **LIVE)
    assert first == second
    assert "if-none-match" in publisher.requests[-1].headers


def test_the_uploaded_file_is_taken_where_the_source_says_so(publisher: Publisher, take: Any) -> None:
    ckan.speak(publisher, {"reviews": RESOURCES})
    (snapshot,) = take("", **LIVE, take="file")
    assert (snapshot.file_name, snapshot.content.read_text()) == ("reviews 3.csv", "CA,Number\nS12000005,3\n")
    assert publisher.requests[-1].target.endswith("/download/reviews%203.csv")


@pytest.mark.parametrize(
    "address", ["https://elsewhere.example/reviews.csv", "http://169.254.169.254/latest", "file:///etc/passwd"]
)
def test_an_address_in_the_portals_answer_leads_nowhere_else(publisher: Publisher, take: Any, address: str) -> None:
    ckan.speak(publisher, {"reviews": [replace(RESOURCES[2], elsewhere=address)]})
    with pytest.raises(SourceChanged, match="is not among the hosts of this source"):
        take("", **LIVE, take="file")
    assert not [request for request in publisher.requests if "reviews.csv" in request.target]


REFUSALS = [
    pytest.param(
        200, {"__type": "Not Found Error", "message": "Not found"}, "Not Found Error: Not found", id="missing"
    ),
    pytest.param(404, {"__type": "Not Found Error", "message": "Not found"}, "Not Found Error", id="missing, said so"),
    pytest.param(
        409, {"__type": "Validation Error", "id": ["Missing value"]}, r"id: \['Missing value'\]", id="a field"
    ),
    pytest.param(409, {"info": {"orig": ["syntax error"]}}, "syntax error", id="SQL"),
]


@pytest.mark.parametrize(("code", "error", "words"), REFUSALS)
def test_success_false_is_for_a_person_and_not_repeated(
    publisher: Publisher, take: Any, code: int, error: dict[str, Any], words: str
) -> None:
    publisher.page("/api/3/action/package_show", behaviour=status(code, ckan.refusal(error)))
    with pytest.raises(SourceChanged, match=words):
        take("", **LIVE)
    assert len(publisher.requests) == 1


def test_a_dataset_that_is_not_there_any_more_is_for_a_person(publisher: Publisher, take: Any) -> None:
    ckan.speak(publisher, {"another": RESOURCES})
    with pytest.raises(SourceChanged, match="Not Found Error: Not found"):
        take("", **LIVE)


def test_a_portal_that_is_down_is_asked_again(publisher: Publisher, take: Any) -> None:
    publisher.page("/api/3/action/package_show", behaviour=status(503))
    with pytest.raises(SourceUnavailable, match="503"):
        take("", **LIVE)
    assert len(publisher.requests) == 3


def test_a_renamed_resource_is_named_with_those_that_are_there(publisher: Publisher, take: Any) -> None:
    ckan.speak(publisher, {"reviews": [RESOURCES[1]]})
    with pytest.raises(SourceChanged, match=r"no resource of .* it has Health Board"):
        take("", **LIVE)


def test_a_pattern_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="no pattern"):
        Ckan(
            transport="ckan",
            address="https://x.example",
            hosts=("x.example",),
            tried_on=None,
            dataset="a",
            resource="(",
        )
