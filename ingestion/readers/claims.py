"""What an answer says of its own size, against what came: one that says 40,000 records and holds 3 is not a file.

A publisher's word is taken where it is there and exact. One that says nothing of its size claims nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

# How services call the number of everything that was found, beside the list of what they gave of it.
TOTALS = (
    "total", "total_count", "totalCount", "total_results", "totalResults", "total_records", "totalRecords",
    "total_observations", "numberMatched", "totalFeatures", "recordCount", "record_count", "count",
)  # fmt: skip
ALL_FEATURES = ("numberMatched", "totalFeatures")  # as OGC API and WFS call it
REMEDY = "It is a page, or was cut on its way: ask for all of it"


def number(said: Any) -> int | None:
    """A count as JSON writes it; None for anything else, such as `unknown`."""
    text = "" if isinstance(said, bool) else str(said)
    return int(text) if text.isascii() and text.isdigit() else None


def short(claimed: int, came: int, what: str) -> str:
    """The words for a claim that does not hold."""
    return f"says {claimed:,} {what} and holds {came:,}"


def of_records(result: Mapping[str, Any]) -> int | None:
    """How many records a CKAN answer says that there are. A total that was estimated claims nothing."""
    return None if str(result.get("total_was_estimated")).lower() == "true" else number(result.get("total"))


def of_features(content: Mapping[str, Any], came: int) -> str | None:
    """What is wrong with the size of a feature collection: of a service that cut it, or that counted more."""
    properties = content.get("properties")
    places = (content, properties if isinstance(properties, Mapping) else {})
    if any(place.get("exceededTransferLimit") is True for place in places):
        return f"says that there are more features than the {came:,} that it holds (exceededTransferLimit)"
    claims = [total for key in ALL_FEATURES if (total := number(content.get(key))) is not None]
    return next((short(total, came, "features") for total in claims if total != came), None)


def of_items(question: Any, fields: Sequence[Mapping[str, Any]]) -> str | None:
    """What is wrong with an answer of Stat-Xplore: a field of fewer or more items than the question lists."""
    recodes = (question.get("recodes") if isinstance(question, Mapping) else None) or {}
    for field in fields:
        recode = recodes.get(field.get("uri"))
        if recode:
            asked, came = len(recode["map"]) + bool(recode.get("total")), len(field["items"])
            if asked != came:
                return f"was asked for {asked:,} items of {field.get('label')!r} and holds {came:,}"
    return None


def beside(content: Mapping[str, Any], came: int) -> tuple[str, int] | None:
    """A count beside a list, under one of the usual names, that is larger than the list: the name and the count."""
    counts = ((key, number(content.get(key))) for key in TOTALS)
    return next(((key, count) for key, count in counts if count is not None and count > came), None)
