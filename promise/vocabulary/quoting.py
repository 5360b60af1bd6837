"""What may be quoted of a cell: a number, a marker, an area or a period. Any other text may be about a child.

One place decides, for messages, tables and pages alike.
"""

from __future__ import annotations

import re
from collections.abc import Container
from datetime import date
from decimal import Decimal

from promise.vocabulary.areas import find_area, other_kind
from promise.vocabulary.markers import known_markers
from promise.vocabulary.numbers import find_number
from promise.vocabulary.periods import looks_impossible, recognise

INSTEAD = re.compile(r"a text of [0-9,]+ characters?")
Quoted = str | int | float | Decimal | date | None


def quoted(value: object, markers: Container[str] = ()) -> Quoted:
    """The value where it may be quoted, else how long a text it is. `markers` are those that the source declares.

    What was quoted before is quoted the same again.
    """
    if value is None or isinstance(value, int | float | Decimal | date):
        return value
    text = str(value)
    if may_be_quoted(text, markers) or INSTEAD.fullmatch(text):
        return text
    return f"a text of {len(text):,} character{'' if len(text) == 1 else 's'}"


def may_be_quoted(text: str, markers: Container[str] = ()) -> bool:
    """Whether a text is nothing but a number, a marker, an area or a period, also one that cannot be (2022/24)."""
    bare = text.strip()
    return (
        not bare
        or bare in markers
        or bare in known_markers()
        or find_number(bare) is not None
        or find_area(bare) is not None
        or other_kind(bare) is not None
        or bool(recognise(bare))
        or looks_impossible(bare) is not None
    )
