"""What Great Expectations answered, in our words, and the action by which a checkpoint writes it into `ops`.

Importing this imports Great Expectations, which takes 3 seconds: `expectations.gx` does so where something is judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from great_expectations.checkpoint import ActionContext, CheckpointResult, ValidationAction
from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult

from expectations.verdicts import SAMPLE, Entry, Gate, Verdict, record
from promise import database


class WriteDown(ValidationAction):  # type: ignore[misc]
    """Writes what a checkpoint came to into `ops.expectation_result`. A checkpoint has one suite."""

    type: Literal["write_down"] = "write_down"
    name: str = "write_down"
    run_id: int
    gate: Gate
    suite: str
    vintage: int | None

    @classmethod
    def into(cls, entry: Entry) -> WriteDown:
        return cls(run_id=entry.run_id, gate=entry.gate, suite=entry.suite, vintage=entry.vintage)

    def run(self, checkpoint_result: CheckpointResult, action_context: ActionContext | None = None) -> dict[str, Any]:
        (result,) = checkpoint_result.run_results.values()
        found = verdicts(result)
        with database.connect("transformer") as conn:
            record(conn, self.run_id, self.gate, self.suite, found, vintage=self.vintage)
        return {"written": len(found)}


def verdicts(result: ExpectationSuiteValidationResult) -> list[Verdict]:
    """One for each expectation of a suite, in the order in which they were asked."""
    numbered = dict(map(_verdict, result.results))
    return [numbered[number] for number in sorted(numbered)]


def _verdict(item: ExpectationValidationResult) -> tuple[int, Verdict]:
    """One result of GX as a numbered verdict; one that had nothing to check has failed."""
    config = item.expectation_config
    assert config is not None
    words: dict[str, Any] = dict(config.meta or {})
    result: dict[str, Any] = dict(item.result or {})
    error = (item.exception_info or {}).get("exception_message")
    if error is None and (item.exception_info or {}).get("raised_exception") is not False:
        # With several failing metrics the information is a mapping of them.
        each_metric = [info for info in (item.exception_info or {}).values() if isinstance(info, dict)]
        error = "; ".join(sorted({str(info.get("exception_message")) for info in each_metric})) or "no reason given"
    checked = _checked(config.kwargs, result)
    vacuous = not error and not checked
    return int(words["number"]), Verdict(
        expectation=config.type,
        column=words.get("column") or config.kwargs.get("column"),
        severity=str(getattr(config.severity, "value", config.severity)),
        success=bool(item.success) and not vacuous and not error,
        checked=checked,
        unexpected=_unexpected(bool(item.success), result),
        rows=tuple(_rows(result)),
        observed=result.get("observed_value"),
        why=words["why"],
        expected=words["expected"],
        remedy=words["remedy"],
        heading=words.get("heading"),
        vacuous=vacuous,
        error=error or None,
    )


def _checked(kwargs: dict[str, Any], result: dict[str, Any]) -> int | None:
    """How much there was to check. Most expectations pass on nothing at all, so this is asked of every one."""
    if "element_count" in result:  # rows; a null was passed over except where null was the question
        return int(result["element_count"]) - int(result.get("missing_count") or 0)
    if "value_set" in kwargs and "missing_count" in result:  # distinct values that were there
        return len(kwargs["value_set"]) - int(result["missing_count"]) + int(result["unexpected_count"])
    observed = result.get("observed_value")  # a number of rows or of distinct values
    return int(observed) if isinstance(observed, int | float) else None


def _unexpected(success: bool, result: dict[str, Any]) -> int:
    """How much was wrong: rows, values that are missing from a set or unknown to it, or one count."""
    if result.get("unexpected_count") is None:  # nor is there a count where there was nothing to count
        return 0 if success else 1
    missing = 0 if "element_count" in result else result.get("missing_count") or 0
    return int(result["unexpected_count"]) + int(missing)


def _rows(result: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The offending rows, at most SAMPLE; for a set, the values that are missing from it or unknown to it."""
    found = result.get("partial_unexpected_index_list")
    if found is not None:
        yield from found[:SAMPLE]
    elif "partial_missing_list" in result:
        yield from ({"missing": value} for value in result["partial_missing_list"][:SAMPLE])
        yield from ({"unknown": value} for value in result["partial_unexpected_list"][:SAMPLE])
    elif result.get("observed_value") is not None:
        yield {"observed": result["observed_value"]}
