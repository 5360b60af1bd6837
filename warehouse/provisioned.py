"""What was made on a server of somebody's, and by what it is found there again."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass

from promise import database


@dataclass(frozen=True)
class Item:
    """What a server gave a thing of ours: its number, and the identity by which another thing can be told from it."""

    number: int
    identity: str


class Provisioned(MutableMapping[str, Item]):
    """The things on one server by our keys. Each change is kept at once, whatever becomes of the run that made it."""

    def __init__(self, server: str) -> None:
        self.server = server
        with database.connect("releaser") as conn:
            rows = conn.execute("select item_key, number, identity from ops.provisioned where server = %s", (server,))
            self._items = {key: Item(number, identity) for key, number, identity in rows}

    def __getitem__(self, key: str) -> Item:
        return self._items[key]

    def __setitem__(self, key: str, item: Item) -> None:
        with database.connect("releaser") as conn:
            conn.execute(
                "insert into ops.provisioned (server, item_key, number, identity) values (%s, %s, %s, %s)"
                " on conflict (server, item_key) do update"
                " set number = excluded.number, identity = excluded.identity, noted_at = clock_timestamp()",
                (self.server, key, item.number, item.identity),
            )
        self._items[key] = item

    def __delitem__(self, key: str) -> None:
        with database.connect("releaser") as conn:
            conn.execute("delete from ops.provisioned where server = %s and item_key = %s", (self.server, key))
        del self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)


@contextlib.contextmanager
def alone(server: str) -> Iterator[Provisioned]:
    """What is on the server, while nobody else provisions it: whoever comes meanwhile waits."""
    with database.connect("releaser") as conn:
        database.lock(conn, f"provision {server}")
        yield Provisioned(server)
