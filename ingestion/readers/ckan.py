"""CKAN's datastore, as Public Health Scotland publishes it: API answers and dumps with qualifier columns.

`NumberOfAttendances` has a companion `NumberOfAttendancesQF`: `z` not applicable, `:` not available, `d` derived. The
value is blank where the qualifier says why; which qualifier explains a blank is the source's to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ingestion.errors import SourceChanged
from ingestion.readers import claims
from ingestion.readers.json_text import text_of_json
from ingestion.readers.tables import Finding, Heading, Row, Table

QUALIFIER = "QF"
NOISE = ("_id", "rank", "_full_text")  # CKAN's own columns


def is_ckan(content: Any) -> bool:
    return isinstance(content, dict) and "success" in content and ("result" in content or "error" in content)


def qualified(headings: Sequence[str]) -> dict[str, str]:
    """Each column that has a qualifier, with that column's heading."""
    return {heading: f"{heading}{QUALIFIER}" for heading in headings if f"{heading}{QUALIFIER}" in headings}


def strays(headings: Sequence[str]) -> list[str]:
    """Qualifier columns whose value column has another name: PHS has some (`NumberQF` beside `NumberAssessed`)."""
    return [each for each in headings if each.endswith(QUALIFIER) and each.removesuffix(QUALIFIER) not in headings]


def is_noise(heading: str) -> bool:
    """A column that CKAN adds to a query's answer."""
    return heading in NOISE or heading.startswith("rank ")


def read_answer(content: Any, name: str, where: str) -> Table:
    """The records of a `datastore_search` answer. Raises SourceChanged for a refusal, with CKAN's own words."""
    if text_of_json(content.get("success")) != "true":
        raise SourceChanged(
            f"{where}: opendata.nhs.scot refused the request: {_refusal(content.get('error'))}. Correct the request"
        )
    result = content.get("result")
    if not isinstance(result, dict) or not isinstance(result.get("records"), list):
        raise SourceChanged(
            f"{where}, result: no records; expected the answer of datastore_search or datastore_search_sql"
        )
    records: list[dict[str, Any]] = result["records"]
    try:
        names = [field["id"] for field in result.get("fields") or []] or list(records[0] if records else {})
        unnamed = next((place for place, record in enumerate(records) if record.keys() - set(names)), None)
    except (KeyError, TypeError, AttributeError):
        raise SourceChanged(
            f"{where}, result: something else; expected fields with ids and records with keys. Fetch it again"
        ) from None
    if unnamed is not None:
        raise SourceChanged(
            f"{where}, result.records[{unnamed}]: has a key that result.fields does not name. Fetch it again"
        )

    def rows() -> Iterator[Row]:
        for number, record in enumerate(records, start=1):
            yield Row(number, tuple(text_of_json(record.get(each)) for each in names))

    return Table(
        name=text_of_json(result.get("resource_id")) or name,
        place="result.records",
        headings=tuple(Heading((each,), (), (each,), f"result.fields[{place}].id") for place, each in enumerate(names)),
        labels=len(names),
        rows=rows,
        address=lambda row, position: f"result.records[{row - 1}].{names[position]}",
        findings=tuple(_findings(result, records)),
        tidy=True,
    )


def _findings(result: dict[str, Any], records: list[Any]) -> Iterator[Finding]:
    if text_of_json(result.get("records_truncated")) == "true":
        yield Finding(
            "fault", f"the answer was cut after {len(records)} records; ask for it in parts", "result.records_truncated"
        )
    total = claims.of_records(result)
    if total is not None and total != len(records):
        words = f"the answer {claims.short(total, len(records), 'records')}. {claims.REMEDY}"
        yield Finding("fault", words, "result.total")


def _refusal(error: Any) -> str:
    if not isinstance(error, dict):
        return text_of_json(error) or "without a reason"
    info = error.get("info")
    if isinstance(info, dict) and info.get("orig"):
        return text_of_json(info["orig"][0] if isinstance(info["orig"], list) else info["orig"])
    parts = [f"{key}: {text_of_json(value)}" for key, value in error.items() if key != "__type"]
    return f"{text_of_json(error.get('__type')) or 'error'} ({'; '.join(parts)})"
