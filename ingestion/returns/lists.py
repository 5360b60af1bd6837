"""The lists that a field can take from: vocabularies of returns, and what the framework and the areas have."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from promise.catalogue.framework import framework
from promise.catalogue.returns import ReturnField, vocabularies
from promise.vocabulary.area_list import areas


@dataclass(frozen=True)
class Item:
    """One of a list: what is kept, what it is called, and what people write for it."""

    id: str
    title: str
    written: str
    also: tuple[str, ...] = ()  # what else is understood


def _areas() -> Iterator[Item]:
    for _, each in areas():
        yield Item(each.code, each.name, each.name, (*each.codes, *each.names))


def _organisations() -> Iterator[Item]:
    for each in sorted(framework().organisations, key=lambda one: one.name):
        yield Item(each.id, each.name, each.name)


def _organisations_and_groups() -> Iterator[Item]:
    yield from _organisations()
    for each in framework().groups.groups:
        yield Item(each, f"all {each.replace('_', ' ')}", each)


def _statements() -> Iterator[Item]:
    for each in framework().vision_statements:
        yield Item(each.id, each.name, each.id)


def _outcomes() -> Iterator[Item]:
    for _, each in framework().outcomes():
        yield Item(each.id, each.text or each.id, each.id)


def _indicators() -> Iterator[Item]:
    for each in framework().by_id.values():
        yield Item(each.id, each.name, each.id)


def _questions() -> Iterator[Item]:
    for each in framework().what_matters.questions:
        yield Item(each.id, each.text, each.id)


def _themes() -> Iterator[Item]:
    for _, each in framework().themes():
        yield Item(each.id, each.name, each.id)


OF_TYPES: dict[str, tuple[str, str, Callable[[], Iterator[Item]]]] = {
    "area": ("areas", "the name or code of an area", _areas),
    "areas": ("areas", "the name or code of an area", _areas),
    "organisation": ("organisation", "an organisation of the list", _organisations),
    "organisations": ("organisations", "an organisation of the list", _organisations_and_groups),
    "statements": ("statements", "the id of a vision statement", _statements),
    "outcomes": ("outcomes", "the id of an outcome", _outcomes),
    "indicator": ("indicators", "the id of an indicator", _indicators),
    "indicators": ("indicators", "the id of an indicator", _indicators),
    "questions": ("questions", "the id of a What Matters question", _questions),
    "theme": ("themes", "the id of a theme", _themes),
}


def list_of(field: ReturnField) -> str | None:
    """What the list is called from which a field takes; None where it takes from none."""
    return field.vocabulary or (OF_TYPES[field.type][0] if field.type in OF_TYPES else None)


def called(field: ReturnField) -> str:
    """What one of its list is, for a message."""
    return "a choice of the list" if field.vocabulary else OF_TYPES[field.type][1]


def items(field: ReturnField) -> tuple[Item, ...]:
    """The list from which a field takes; none where it takes from none."""
    return _items(field.vocabulary, field.type)


@functools.cache
def _items(vocabulary: str | None, of_type: str) -> tuple[Item, ...]:
    if vocabulary:
        return tuple(Item(each.id, each.title, each.title) for each in vocabularies()[vocabulary].choices)
    return tuple(OF_TYPES[of_type][2]()) if of_type in OF_TYPES else ()


def words(field: ReturnField) -> Mapping[str, str]:
    """What is understood, in small letters, and what it stands for."""
    return _words(field.vocabulary, field.type)


@functools.cache
def _words(vocabulary: str | None, of_type: str) -> Mapping[str, str]:
    return {
        word.casefold(): each.id
        for each in _items(vocabulary, of_type)
        for word in (*each.also, each.title, each.written, each.id)
    }
