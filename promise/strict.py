"""Reading YAML so strictly that a slip is an error on the spot, not a setting that is silently ignored.

Everything that people edit in this project goes through `load_yaml`. What a file means is for its model to say; this
module only makes sure that the file is what the model describes, and that a person is told how to put it right.
"""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Hashable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from promise.errors import PromiseError
from promise.settings import ROOT


class CatalogueError(PromiseError):
    """A file that people edit is not as it should be. The message names file, key, what was expected, what to do."""


class Strict(BaseModel):
    """A mistyped key is an error here, and what was read is never changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Model = TypeVar("Model", bound=BaseModel)

# What a scaffold writes where a person has to decide. No file with a question in it is used.
QUESTION = "WRITE: "

# libyaml reads the catalogue about eight times as fast, and the catalogue is read whenever Airflow parses a DAG file.
_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc]
    """YAML in which a key can be given once only; the standard loaders keep the last one and say nothing."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, Hashable):
                if key in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the key {key!r} is given twice; keep one of them", key_node.start_mark
                    )
                seen.add(key)
        made: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
        return made


def shown(path: Path) -> str:
    """The path as a person would type it from the checkout, or in full when it lies elsewhere."""
    path = path.resolve()
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def say(path: Path, key: str, message: str) -> str:
    """A fault that only shows between files, told as those of one file are."""
    return f"{shown(path)}: {key}: {message}"


def known_ids(ids: Iterable[str]) -> str:
    """Ids to choose from, for a message."""
    return ", ".join(sorted(ids)) or "none"


def read_yaml(path: Path) -> Any:
    """The content of a YAML file, unjudged. Raises CatalogueError with the line when it is not YAML."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CatalogueError(f"{shown(path)}: there is no such file; restore it or correct the name") from None
    except UnicodeDecodeError as error:
        raise CatalogueError(f"{shown(path)}: not UTF-8 (byte {error.start}); save it as UTF-8") from None
    try:
        return yaml.load(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise CatalogueError(f"{shown(path)}{where}: {error.problem}; correct the YAML there") from None
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date such as 2020-02-30
        raise CatalogueError(f"{shown(path)}: {error}; correct the YAML there") from None


def load_yaml(path: Path, model: type[Model]) -> Model:
    """The file as an instance of the model. Raises CatalogueError listing every fault found, each with its remedy."""
    content = read_yaml(path)
    if not isinstance(content, dict):
        kind = "nothing" if content is None else type(content).__name__
        raise CatalogueError(
            f"{shown(path)}: holds {kind}, expected a mapping with the keys {', '.join(model.model_fields)}; "
            "write them at the start of the line"
        )
    if unanswered := [f"{shown(path)}: {key}: still to be written: {asked}" for key, asked in _questions(content)]:
        raise CatalogueError("\n".join(unanswered))
    return as_model(path, content, model)


def as_model(path: Path, content: dict[str, Any], model: type[Model]) -> Model:
    """What was read from the path as an instance of the model. Raises CatalogueError as load_yaml does."""
    try:
        return model.model_validate(content)
    except ValidationError as error:
        faults = [_fault(path, content, model, detail) for detail in error.errors(include_url=False)]
        raise CatalogueError("\n".join(faults)) from None


def _fault(path: Path, content: Any, model: type[BaseModel], detail: ErrorDetails) -> str:
    """One fault as a line: file, dotted key, what is wrong, what to do."""
    location = detail["loc"]
    given = _quoted(detail.get("input"))
    context = detail.get("ctx", {})
    match detail["type"]:
        case "missing":
            says = "missing; add it (write null when it is not known and the key allows null)"
        case "extra_forbidden":
            known = _siblings(model, location)
            close = difflib.get_close_matches(str(location[-1]), known, n=1)
            guess = f"did you mean {close[0]!r}?" if close else "remove it."
            says = f"no such key; {guess} Known here: {', '.join(known)}"
        case "literal_error" | "enum":
            says = f"is {given}, expected {context['expected']}; choose one of these"
        case "value_error":  # raised by our own validators, which already say what to do
            says = str(context["error"])
        case "string_type" if detail.get("input") is None:
            says = "is null, expected text; find it out and write it"
        case "string_type":
            says = f"is {given}, expected text; write it between quotes if it looks like a number or a date"
        case "string_too_short":
            says = "is empty; write it (null when it is not known and the key allows null)"
        case "tuple_type":
            says = f"is {given}, expected a list; write it between [ ], or one item a line behind -"
        case "too_short":
            says = f"is {given}; list at least {context['min_length']}"
        case "string_pattern_mismatch":
            says = f"is {given}, expected text like {context['pattern']}; correct it"
        case _:
            says = f"is {given}; {detail['msg'][:1].lower()}{detail['msg'][1:]}; correct it"
    key = dotted(content, location)
    return f"{shown(path)}: {key}: {says}" if key else f"{shown(path)}: {says}"


def dotted(content: Any, location: Iterable[int | str]) -> str:
    """`outcomes[vs03_o1].indicators[attendance_rate].direction`: items of a list by their id where they have one."""
    parts: list[str] = []
    for step in location:
        if isinstance(step, int) and isinstance(content, list | tuple):
            content = content[step] if step < len(content) else None
            name = content.get("id") if isinstance(content, dict) else None
            parts.append(f"[{name if isinstance(name, str) else step}]")
        else:
            content = content.get(step) if isinstance(content, dict) else None
            parts.append(f".{step}" if parts else str(step))
    return "".join(parts)


def _questions(content: Any, location: tuple[int | str, ...] = (), whole: Any = None) -> Iterable[tuple[str, str]]:
    whole = content if whole is None else whole
    match content:
        case str() if content.startswith(QUESTION):
            yield dotted(whole, location), content.removeprefix(QUESTION)
        case dict():
            for key, value in content.items():
                yield from _questions(value, (*location, key), whole)
        case list():
            for position, value in enumerate(content):
                yield from _questions(value, (*location, position), whole)


def _siblings(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """The keys that the model knows where an unknown one stands; empty when the place cannot be told."""
    current: type[BaseModel] | None = model
    for step in location[:-1]:
        if isinstance(step, str) and current is not None:
            field = current.model_fields.get(step)
            current = _model_in(field.annotation) if field else current
    return list(current.model_fields) if current else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model somewhere inside `tuple[Model, ...] | None` and the like."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        if found := _model_in(inner):
            return found
    return None


def _quoted(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, datetime.date):
        return value.isoformat()
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"
