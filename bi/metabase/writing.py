"""Writing to Metabase, and keeping account of it: what was done, what it was called, what the server gave it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from bi.metabase.bodies import Json
from bi.metabase.client import Client, MetabaseError, NotReady
from warehouse.provisioned import Item

LISTED = 40  # things in the words of an error: enough to see how far it came


@dataclass
class Outcome:
    """What was done, or with `plan` what would be."""

    version: str = ""
    map: str = "bars"
    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    archived: list[str] = field(default_factory=list)
    unchanged: int = 0
    questions_run: int = 0
    slowest: str = ""  # which question, and its seconds
    notes: list[str] = field(default_factory=list)
    dashboards: dict[str, str] = field(default_factory=dict)
    public: dict[str, str] = field(default_factory=dict)  # addresses that nobody signs in for

    @property
    def writes(self) -> int:
        return len(self.created) + len(self.updated) + len(self.archived)


class Writing:
    """The writes of one run. `dry` counts them and makes none."""

    def __init__(self, client: Client, state: MutableMapping[str, Item], *, dry: bool) -> None:
        self.client = client
        self.state = state
        self.dry = dry
        self.outcome = Outcome()
        self._planned = 0
        self._at: str | None = None

    def create(self, key: str | None, what: str, path: str, body: Json, remedy: str | None = None) -> int:
        """The number of the new thing, kept by our key; with `dry` a negative one that nothing else has."""
        answer = self.write(self.outcome.created, what, self.client.post, path, body, remedy)
        if self.dry:
            self._planned -= 1
            return self._planned
        return self.note(key, answer) if key else int(answer["id"])

    def update(self, what: str, path: str, body: Json, remedy: str | None = None) -> None:
        self.write(self.outcome.updated, what, self.client.put, path, body, remedy)

    def archive(self, what: str, path: str) -> None:
        """Put it into the bin."""
        self.write(self.outcome.archived, what, self.client.put, path, {"archived": True})

    def write(self, done: list[str], what: str, send: Callable[..., Any], *call: Any) -> Any:
        answer = None
        if not self.dry:
            self._at = what
            answer = send(*call)
            self._at = None
        done.append(what)
        return answer

    def unkept(self, what: str, differing: list[str]) -> None:
        if differing:
            self.outcome.notes.append(
                f"{what}: this Metabase keeps {', '.join(differing)} differently from what was sent, so every apply "
                "writes it again. Please report it with the version."
            )

    @contextmanager
    def accounted(self) -> Iterator[None]:
        """Add to an error what was written before it: what is in place stays, and the next run goes on from there."""
        try:
            yield
        except MetabaseError as error:
            if self.dry and not self.outcome.archived:
                raise
            done = [*self.outcome.created, *self.outcome.updated, *self.outcome.archived]
            words = f"Written before that, and kept: {listed(done)}." if done else "Nothing was written before that."
            if self._at:
                doubt = isinstance(error, NotReady)
                words += f" {self._at} {'may or may not have been' if doubt else 'was not'} written."
            raise type(error)(f"{error}\n{words} Another run goes on from there.") from None

    def note(self, key: str, theirs: Json) -> int:
        item = item_of(theirs)
        if not self.dry and self.state.get(key) != item:
            self.state[key] = item
        return item.number


def listed(done: list[str]) -> str:
    """For a message: the first of them, and how many more."""
    return ", ".join(done) if len(done) <= LISTED else f"{', '.join(done[:LISTED])} and {len(done) - LISTED} more"


def item_of(theirs: Json) -> Item:
    """What the server gave it."""
    return Item(int(theirs["id"]), str(theirs.get("entity_id") or ""))
