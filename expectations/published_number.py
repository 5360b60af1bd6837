"""What counts as a number as published. Its one home is the dbt macro that reads the cells; the gate borrows it."""

from __future__ import annotations

import functools

from jinja2 import Environment, StrictUndefined
from jinja2.environment import TemplateModule

from promise.settings import ROOT

MACROS = ROOT / "dbt" / "macros" / "values.sql"


def published_number(column: str) -> str:
    """SQL that is the number in a text column, or null: exactly what staging will make of the cell."""
    return str(_macros().published_number(column))  # type: ignore[attr-defined]


@functools.cache
def _macros() -> TemplateModule:
    return Environment(undefined=StrictUndefined, autoescape=False).from_string(MACROS.read_text()).module
