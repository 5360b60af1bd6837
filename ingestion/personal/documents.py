"""JSON: what is found has a path."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ingestion.errors import SourceChanged
from ingestion.personal.hits import Hit
from ingestion.personal.suspects import suspects
from ingestion.personal.texts import AROUND, decoded
from ingestion.readers.archive import chunks
from ingestion.readers.json_text import load_json
from promise.vocabulary.personal import Found, find_personal, names_personal_values, personal_under
from promise.vocabulary.quoting import masked

ESCAPED = re.compile(rb"\\u00([2-7][0-9a-fA-F])")
KEY = re.compile(rb'"([^"\\]{3,60})"\s*:')
shown = functools.lru_cache(10_000)(masked)  # of keys, which records repeat


def in_json(path: Path, where: str) -> Iterator[Hit]:
    """Everything in a JSON file that a rule knows. What holds nothing in doubt is not taken apart."""
    doubt = _in_doubt(path, where)
    if doubt is None:
        return
    try:
        content = load_json(path, where)
    except SourceChanged:
        place, found = doubt  # damaged as it is, what was seen in it stands
        if found:
            yield Hit(found, f"near byte {place:,}")
        return
    yield from _walk(content, "", None, around=True)


def in_words_beside(said: Mapping[str, Any]) -> Iterator[Hit]:
    """What a publisher says of a file, which is kept beside it."""
    for hit in _walk(said, "", None, around=True):
        yield replace(hit, place=f"what the publisher says of it, {hit.place}")


def _in_doubt(path: Path, where: str) -> tuple[int, Found | None] | None:
    """The first place at which something is found, or a key that tells what its values are."""
    rest, offset = b"", 0
    for piece in chunks(path, where):
        text = ESCAPED.sub(lambda match: bytes([int(match[1], 16)]), rest + piece)
        for place in suspects(text):
            around = decoded(text[max(0, place - AROUND) : place + AROUND])
            for part in re.split(r'[",\[\]{}]', around):
                if found := find_personal(part):
                    return offset + place, found[0]
        for key in set(KEY.findall(text)):
            if names_personal_values(decoded(key)):
                return offset, None
        rest = text[-AROUND:]
        offset += len(text) - len(rest)
    return None


def _walk(content: Any, path: str, key: str | None, around: bool) -> Iterator[Hit]:
    """What stands in an object of a list is a cell; what stands in no list, or is a line of text in one, is not."""
    if isinstance(content, dict):
        for name, value in content.items():
            here = f"{path}.{shown(name)}" if path else shown(name)
            for found in find_personal(str(name)):
                yield Hit(found, f"a key in {path or 'the document'}", None, around, str(name))
            yield from _walk(value, here, str(name), around)
    elif isinstance(content, list):
        for number, value in enumerate(content):
            is_line = isinstance(value, str) and not path.endswith("]")
            yield from _walk(value, f"{path}[{number}]", key, around=is_line)
    elif isinstance(content, str):
        beside = personal_under(key, content) if key else None
        for found in [*find_personal(content), *([beside] if beside else [])]:
            yield Hit(found, path, key, around, f"{key} {content}")
