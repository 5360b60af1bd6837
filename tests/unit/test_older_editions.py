"""An edition that is older than the one in use is compared with none that came after it, and that is said."""

from __future__ import annotations

from datetime import UTC, datetime

from expectations.arrival import edition_before, later_editions, of_an_older_edition
from promise.catalogue.sources import Source, sources
from promise.ledger import Vintage

NOW = datetime(2026, 11, 29, tzinfo=UTC)


def with_editions(*ranks: int) -> Source:
    """A source with a file for each rank, in the order in which they are given."""
    known = sources()["camhs_patients_seen"].model_dump(mode="json", exclude_defaults=True)
    (edition,) = known["bundle"]
    known["bundle"] = [
        edition | {"file": f"{rank}.csv", "publication": edition["publication"] | {"id": f"of_{rank}", "rank": rank}}
        for rank in ranks
    ]
    return Source.model_validate(known)


def held(number: int, rank: int | None) -> Vintage:
    return Vintage(
        vintage=number, source_id="camhs_patients_seen", snapshot_id=str(number),
        publication_id=f"of_{rank}" if rank else f"camhs_patients_seen_v{number}", file_name=f"{rank or 'live'}.csv",
        requested_url="", final_url="", retrieved_at=NOW, media_type="", size_bytes=1, row_count=1, loaded_at=NOW,
        arrival="accepted", arrival_reason=None, judged_at=NOW,
    )  # fmt: skip


def compared(source: Source, in_use: list[Vintage], rank: int) -> Vintage | None:
    later = later_editions(source, in_use, f"of_{rank}")
    return edition_before([each for each in in_use if each not in later], f"{rank}.csv")


def test_an_older_edition_is_not_compared_with_the_one_in_use() -> None:
    """Else what came after it would be series and rows that it had lost, and a person would have to accept it."""
    source, newest = with_editions(2, 1), held(1, 2)
    assert edition_before([newest], "1.csv") == newest
    assert compared(source, [newest], 1) is None


def test_it_is_compared_with_the_one_before_it_where_that_is_in_use() -> None:
    source, oldest, newest = with_editions(1, 3, 2), held(1, 1), held(2, 3)
    assert compared(source, [oldest, newest], 2) == oldest


def test_a_newer_edition_is_compared_as_ever() -> None:
    source, first = with_editions(1, 2), held(1, 1)
    assert compared(source, [first], 2) == first


def test_a_file_of_unknown_rank_is_compared_as_ever() -> None:
    source, first = with_editions(1), held(1, 1)
    assert later_editions(source, [first], "camhs_patients_seen_v2") == []
    assert later_editions(source, [held(2, None)], "of_1") == []
    assert later_editions(source, [first], None) == []


def test_that_it_is_older_is_said_with_both_files() -> None:
    (words,) = of_an_older_edition(
        "camhs_patients_seen", "1.csv", later_editions(with_editions(2, 1), [held(1, 2)], "of_1")
    )
    assert words.startswith("camhs_patients_seen: 1.csv is an older edition than 2.csv, which is in use")
    assert "correct its rank under bundle" in words
    assert of_an_older_edition("camhs_patients_seen", "2.csv", []) == ()
