"""What people decide about the Data Map: what a dataset speaks to, and which words mean the same when one looks for it.

The datasets themselves come from sources. Here stand links that a person has made or accepted, with author, date and
reason; what a similarity of texts merely suggests is worked out by the warehouse and never shown as a link.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from promise.catalogue.framework import FOLDER, framework
from promise.catalogue.framework_words import Identifier, Text, key
from promise.settings import ROOT
from promise.strict import CatalogueError, Strict, known_ids, load_yaml, say

FILES = FOLDER / "data_map"
DatasetId = Annotated[str, Field(pattern=r"^(holding|warehouse|scotpho|statistics\.gov\.scot):\S+$")]
TargetKind = Literal["statement", "outcome", "indicator", "question"]


class Link(Strict):
    """That a dataset speaks to something of the framework: somebody's judgement, with a reason."""

    dataset: DatasetId = key("The dataset, by its id in dim_dataset.", good="holding:dh026", bad="the fostering return")
    about: Identifier = key(
        "The vision statement, outcome, indicator or What Matters question that it speaks to.",
        good="siblings_apart_in_foster_care", bad="brothers and sisters",
    )  # fmt: skip
    how: Literal["answers", "partly", "speaks_to"] = key(
        "`answers` when it can answer all of that by itself, `partly` when a part, `speaks_to` when it is about that "
        "and nobody has judged how far it can answer.",
        good="partly", bad="mostly",
    )  # fmt: skip
    author: Text = key("Whose judgement it is.", good="this project", bad="")
    decided_on: date = key("When it was made.", good=date(2026, 11, 29), bad="today")
    reason: Text = key(
        "Why, in our words, from what a public page says of the dataset.",
        good="Fostering services say how many groups of brothers and sisters were placed apart.", bad="",
    )  # fmt: skip
    score: float | None = key(
        "What the similarity of texts came to, where the link was suggested by it.",
        good=0.31, bad=2, default=None, when="it was a suggestion", gt=0, le=1,
    )  # fmt: skip


class Links(Strict):
    """`framework/data_map/links.yml`."""

    links: tuple[Link, ...] = Field(description="The links that people made or accepted.")


class Synonyms(Strict):
    """Words by which people look for the same thing. `looked after` and `care experienced` are never among them."""

    id: Identifier = key("The first of them, in the singular.", good="sibling", bad="Siblings")
    words: tuple[Text, ...] = key(
        "The words, as somebody types them; endings do not matter.",
        good=["sibling", "brother", "sister"], bad=["sibling"], min_length=2,
    )  # fmt: skip


class SynonymFile(Strict):
    """`framework/data_map/synonyms.yml`."""

    synonyms: tuple[Synonyms, ...] = Field(description="Groups of words; a word is in one group only.")
    children: tuple[Text, ...] = key(
        "Words by which a title shows that it is about children, young people or their families.",
        good=["child", "pupil"], bad=[], min_length=1,
    )  # fmt: skip


class DataMap(Strict):
    """The two files together."""

    links: tuple[Link, ...]
    synonyms: tuple[Synonyms, ...]
    children: tuple[Text, ...]


def targets() -> dict[str, TargetKind]:
    """Everything that a dataset can speak to, by id."""
    whole = framework()
    return {
        **{each.id: "statement" for each in whole.vision_statements},
        **{each.id: "outcome" for _, each in whole.outcomes()},
        **dict.fromkeys(whole.by_id, "indicator"),
        **{each.id: "question" for each in whole.what_matters.questions},
    }


@functools.cache
def data_map(folder: Path = FILES) -> DataMap:
    """The two files, checked. Raises CatalogueError listing every fault: file, key, remedy."""
    links = load_yaml(folder / "links.yml", Links)
    words = load_yaml(folder / "synonyms.yml", SynonymFile)
    if found := [*_faults_of_links(folder / "links.yml", links), *_faults_of_words(folder / "synonyms.yml", words)]:
        raise CatalogueError("\n".join(found))
    return DataMap(links=links.links, synonyms=words.synonyms, children=words.children)


def _faults_of_links(path: Path, file: Links) -> Iterator[str]:
    known = targets()
    seen: set[tuple[str, str]] = set()
    for place, each in enumerate(file.links):
        where = f"links[{place}]"
        if each.about not in known:
            message = f"no {each.about!r} in the framework; correct it. Statements: {known_ids(_statements(known))}"
            yield say(path, f"{where}.about", message)
        if (each.dataset, each.about) in seen:
            yield say(path, where, f"{each.dataset} is linked to {each.about!r} twice; keep one of the two")
        seen.add((each.dataset, each.about))


def _statements(known: dict[str, TargetKind]) -> list[str]:
    return [each for each, kind in known.items() if kind == "statement"]


def _faults_of_words(path: Path, file: SynonymFile) -> Iterator[str]:
    of: dict[str, str] = {}
    for group in file.synonyms:
        for word in group.words:
            if other := of.get(word.lower()):
                yield say(path, f"synonyms[{group.id}].words", f"{word!r} is in {other!r} too; keep it in one of them")
            of.setdefault(word.lower(), group.id)


LINKS_FILE = (FILES / "links.yml").relative_to(ROOT)
