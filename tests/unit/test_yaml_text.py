"""YAML changed as text: the change is there, and everything else is to the letter what it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from promise.catalogue.framework import FOLDER
from promise.strict import read_yaml
from workbench.yaml_text import WIDTH, YamlText, entry, mapping, scalar

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
TEXT = """\
id: vs01  # a comment that stays
text: >-
  Folded prose
  of two lines.

# Above a list.
items:
  - id: first
    note: null

  # Why the second is here.
  - id: second
    text: "x"

  - id: third
    list: [a, b]
empty: []
"""
TEXTS = [
    "plain", "a: b", "# x", "- y", "null", "~", "yes", "2026-04-01", "12", "1e3", '"q"', "it's", "`", "", " spaced ",
    "a\nb", "=", "{a}", "[x", "@at", "%x", "!tag", "&a", "*a", "\x07", "\x80", "\ufeff", "\u2028", "\u202e", "é", "😀",
]  # fmt: skip
FILES = sorted(FOLDER.rglob("*.yml"))


def test_there_are_texts_and_files() -> None:
    assert TEXTS and FILES


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_a_text_is_read_back_as_it_is(text: str) -> None:
    assert yaml.safe_load("\n".join(entry("key", text))) == {"key": text}
    assert yaml.safe_load(f"[{scalar(text)}]") == [text]


def test_long_prose_is_folded_and_an_address_is_not() -> None:
    prose, url = "- # a: word " * 30 + "end", "https://publisher.example/" + "a" * 200
    folded = entry("key", prose, column=4)
    assert len(folded) > 2 and max(map(len, folded)) <= WIDTH
    assert yaml.safe_load("\n".join(folded)) == {"key": prose}
    assert entry("key", url) == [f"key: {url}"]


@pytest.mark.parametrize(
    ("path", "value", "before", "after"),
    [
        pytest.param(["id"], "vs02", "id: vs01  #", "id: vs02  #", id="a comment behind"),
        pytest.param(["text"], "Short.", ">-\n  Folded prose\n  of two lines.", "Short.", id="folded"),
        pytest.param(["items", "first", "note"], "a: b", "note: null", "note: 'a: b'", id="in an item"),
        pytest.param(["items", "second", "id"], "other", "- id: second", "- id: other", id="the first key of an item"),
        pytest.param(["items", 2, "list"], ["c"], "[a, b]", "[c]", id="a list"),
    ],
)
def test_only_the_value_is_written_anew(path: list[str | int], value: Any, before: str, after: str) -> None:
    text = YamlText(TEXT)
    text.set(path, value)
    expected = TEXT.replace(before, after)
    assert text.text.replace('"a: b"', "'a: b'") == expected


def test_an_item_goes_with_its_comment_and_no_other() -> None:
    text = YamlText(TEXT)
    text.remove(["items", "second"])
    assert text.text == TEXT.replace('  # Why the second is here.\n  - id: second\n    text: "x"\n\n', "")


def test_the_last_item_and_the_only_one_can_go() -> None:
    text = YamlText(TEXT)
    text.remove(["items", "third"])
    assert text.text == TEXT.replace("\n  - id: third\n    list: [a, b]\n", "")
    text.remove(["items", "second"])
    text.remove(["items", "first"])
    assert yaml.safe_load(text.text)["items"] == []


def test_an_item_is_put_in_where_it_belongs() -> None:
    for position in range(4):
        text = YamlText(TEXT)
        text.insert(["items"], position, mapping({"id": "new", "text": None}), apart=True)
        ids = [each["id"] for each in yaml.safe_load(text.text)["items"]]
        assert ids[position] == "new" and len(ids) == 4
        assert text.text.count("# Why the second is here.\n  - id: second") == 1
    text = YamlText(TEXT)
    text.insert(["empty"], 0, mapping({"id": "new"}), apart=False)
    assert yaml.safe_load(text.text)["empty"] == [{"id": "new"}]


def test_what_is_not_there_is_an_error() -> None:
    for path in (["nothing"], ["items", "nothing", "id"], ["items", "first", "nothing"]):
        with pytest.raises(KeyError):
            YamlText(TEXT).set(path, "x")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_values_of_the_real_files_can_be_exchanged_and_nothing_else_changes(path: Path) -> None:
    before, content = YamlText(path.read_text(encoding="utf-8")), read_yaml(path)
    after = YamlText(before.text)
    keys = [key for key, value in content.items() if isinstance(value, str | None)]
    for key in keys:
        after.set([key], "x")
    assert yaml.load(after.text, Loader=Loader) == content | dict.fromkeys(keys, "x")
    comments = [line for line in before.text.splitlines() if line.lstrip().startswith("#")]
    assert [line for line in after.text.splitlines() if line.lstrip().startswith("#")] == comments
