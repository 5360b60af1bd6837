"""Changing a YAML file as the text that people wrote: what is not changed stays to the letter, with its comments.

A parser says where a value stands; only the lines of that value are written anew. Where an item of a list is taken out,
the comment above it goes with it.
"""

from __future__ import annotations

import datetime
import json
import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

WIDTH = 116  # where the files of this project break a line of prose
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Step = str | int
Value = str | int | bool | datetime.date | None | Sequence[str | int | None] | Mapping[str, Any]


class YamlText:
    """A file's text and the changes to it. A step of a path is a key, a place in a list, or the `id` of an item.

    Raises KeyError where the path leads nowhere.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    def set(self, path: Sequence[Step], value: Value) -> None:
        """Give a key of a mapping another value; a comment behind the old one stays."""
        key, node = self._pair(path)
        lines = self._lines()
        first, last = key.start_mark.line, self._last_line(key.start_mark.line, key.start_mark.column, node)
        before = lines[first][: key.start_mark.column]
        behind = lines[first][node.end_mark.column :].rstrip("\n") if first == node.end_mark.line else ""
        written = entry(key.value, value, len(before))
        written[0] = before + written[0].lstrip() + (behind if len(written) == 1 else "")
        lines[first : last + 1] = [f"{line}\n" for line in written]
        self.text = "".join(lines)

    def insert(self, path: Sequence[Step], position: int, item: Sequence[str], apart: bool) -> None:
        """Put an item, given as lines that begin at its first key, into a list; `apart`, with an empty line between."""
        key, node = self._pair(path)
        lines = self._lines()
        if not node.value:
            self.text = "".join([
                *lines[: key.start_mark.line],
                f"{lines[key.start_mark.line][: node.start_mark.column].rstrip()}\n",
                *_item(item, key.start_mark.column + 2),
                *lines[key.start_mark.line + 1 :],
            ])  # fmt: skip
            return
        spans = self._spans(node)
        gap = ["\n"] if apart else []
        written = _item(item, node.value[0].start_mark.column - 2)
        if position >= len(spans):
            place = spans[-1][1] + 1
            lines[place:place] = [*gap, *written]
        else:
            place = spans[position][0]
            lines[place:place] = [*written, *gap]
        self.text = "".join(lines)

    def remove(self, path: Sequence[Step]) -> None:
        """Take an item out of a list, with the comment above it."""
        key, node = self._pair(path[:-1])
        position = _position(node, path[-1])
        lines = self._lines()
        spans = self._spans(node)
        first, last = spans[position]
        if len(spans) == 1:
            head = lines[key.start_mark.line][: key.end_mark.column]
            lines[key.start_mark.line : last + 1] = [f"{head}: []\n"]
        elif position == len(spans) - 1:
            del lines[spans[position - 1][1] + 1 : last + 1]
        else:
            del lines[first : spans[position + 1][0]]
        self.text = "".join(lines)

    def _lines(self) -> list[str]:
        return re.findall(r"[^\n]*\n|[^\n]+", self.text)

    def _pair(self, path: Sequence[Step]) -> tuple[yaml.ScalarNode, Any]:
        """The key and the value at the end of a path."""
        node: Any = yaml.compose(self.text, Loader=_LOADER)
        key: Any = None
        for step in path:
            if isinstance(node, yaml.SequenceNode):
                node = node.value[_position(node, step)]
                continue
            key, node = next(((key, each) for key, each in node.value if key.value == step), (None, None))
            if key is None:
                raise KeyError(path)
        return key, node

    def _last_line(self, line: int, column: int, node: yaml.Node) -> int:
        """The last line of a value: what stands deeper than its key. Where a parser ends a folded text differs."""
        if node.start_mark.line == node.end_mark.line == line:
            return line
        lines, last = self._lines(), line
        for number in range(line + 1, len(lines)):
            text = lines[number]
            if text.strip() and len(text) - len(text.lstrip(" ")) <= column:
                break
            last = number if text.strip() else last
        return last

    def _spans(self, node: yaml.SequenceNode) -> list[tuple[int, int]]:
        """First and last line of each item, the comment above it counted in."""
        lines, spans = self._lines(), []
        for item in node.value:
            dash = item.start_mark.column - 2
            first = item.start_mark.line
            last = self._last_line(first, dash, item)
            while lines[first - 1].startswith(f"{' ' * dash}#"):
                first -= 1
            spans.append((first, last))
        return spans


def entry(key: str, value: Value, column: int = 0) -> list[str]:
    """A key and its value as lines, written as they are written here: folded where they are long."""
    indent = " " * column
    if isinstance(value, Mapping):
        return [f"{indent}{key}:", *(line for each, inner in value.items() for line in entry(each, inner, column + 2))]
    if isinstance(value, str) and _is_long_prose(f"{indent}{key}: {scalar(value)}", value):
        folded = textwrap.wrap(
            value, WIDTH, initial_indent=f"{indent}  ", subsequent_indent=f"{indent}  ",
            break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip
        if yaml.safe_load("\n".join([f"{key}: >-", *(line[column:] for line in folded)])) == {key: value}:
            return [f"{indent}{key}: >-", *folded]
    return [f"{indent}{key}: {scalar(value)}"]


def mapping(values: Mapping[str, Value]) -> list[str]:
    """Keys and values as lines."""
    return [line for key, value in values.items() for line in entry(key, value)]


def scalar(value: Value) -> str:
    """A value in one line that is read back as it is, whatever stands in it."""
    match value:
        case None | bool() | int():
            return json.dumps(value)
        case datetime.date():
            return value.isoformat()
        case str():
            return _text(value)
        case _:
            return "[" + ", ".join(map(scalar, value)) + "]"


def _text(value: str) -> str:
    plain = str(yaml.safe_dump(value, allow_unicode=True, width=float("inf"))).removesuffix("\n")
    if plain.endswith("\n...") and "\n" not in value:
        return plain.removesuffix("\n...")
    return json.dumps(
        value, ensure_ascii=not value.isprintable()
    )  # in ASCII, whatever YAML takes no sign of is escaped


def _is_long_prose(line: str, value: str) -> bool:
    return len(line) > WIDTH + 2 and " " in value and value.isprintable()


def _item(lines: Sequence[str], dash: int) -> list[str]:
    indent = " " * dash
    return [f"{indent}- {lines[0]}\n", *(f"{indent}  {line}\n" if line else "\n" for line in lines[1:])]


def _position(node: yaml.SequenceNode, step: Step) -> int:
    if isinstance(step, int):
        return range(len(node.value))[step]
    for position, item in enumerate(node.value):
        if any(key.value == "id" and value.value == step for key, value in item.value):
            return position
    raise KeyError(step)
