"""JSON in which nothing is changed by reading: numbers stay as they are written, a key stands once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingestion.errors import SourceChanged
from ingestion.readers.archive import chunks

MOST_BYTES = 300_000_000


class Written(str):
    """A number as the file writes it."""

    __slots__ = ()


def load_json(path: Path, where: str) -> Any:
    """The content.

    Numbers are `Written`. Raises SourceChanged for damage, with line and column, and for a doubled key.
    """
    parts, size = [], 0
    for piece in chunks(path, where):
        size += len(piece)
        if size > MOST_BYTES:
            raise SourceChanged(f"{where}: more than {MOST_BYTES:,} bytes of JSON; ask for it in parts")
        parts.append(piece)
    content = b"".join(parts)
    try:
        text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
        return json.loads(text, parse_float=Written, parse_int=Written, parse_constant=Written, object_pairs_hook=_once)
    except UnicodeDecodeError as error:
        raise SourceChanged(f"{where}, byte {error.start}: not UTF-8, as JSON must be. Fetch it again") from None
    except _Doubled as error:
        raise SourceChanged(
            f"{where}: the key {error} stands twice in one object; expected it once. Ask the publisher"
        ) from None
    except json.JSONDecodeError as error:
        raise SourceChanged(
            f"{where}, line {error.lineno}, column {error.colno}: not JSON ({error.msg}); the file is cut short or "
            "damaged. Fetch it again"
        ) from None
    except RecursionError:
        raise SourceChanged(f"{where}: nested deeper than any table; look at it") from None


class _Doubled(Exception):
    pass


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        raise _Doubled(repr(next(key for key in keys if keys.count(key) > 1)))
    return found


def text_of_json(value: Any) -> str:
    """A value as a table's text: null is empty, whole numbers have no decimals, lists and objects stay JSON."""
    if value is None:
        return ""
    if isinstance(value, Written):
        whole, point, decimals = value.partition(".")
        return whole if point and decimals and not decimals.strip("0") else str(value)
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return _dump(value)


def _dump(value: Any) -> str:
    if isinstance(value, Written):
        return str(value)
    if isinstance(value, dict):
        return (
            "{" + ",".join(f"{json.dumps(key, ensure_ascii=False)}:{_dump(each)}" for key, each in value.items()) + "}"
        )
    if isinstance(value, list):
        return "[" + ",".join(map(_dump, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value that is no list or object, with its path."""
    stack: list[tuple[str, Any]] = [(path, value)]
    while stack:
        place, each = stack.pop()
        if isinstance(each, dict) and each:
            stack += [(f"{place}.{key}" if place else key, inner) for key, inner in reversed(each.items())]
        elif isinstance(each, list) and each:
            stack += [(f"{place}[{number}]", inner) for number, inner in reversed(list(enumerate(each)))]
        else:
            yield place, each
