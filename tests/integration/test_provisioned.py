"""What was made on servers of somebody's is kept in `ops`, by server and key."""

from __future__ import annotations

import threading
from typing import Any

import psycopg

from warehouse.provisioned import Item, Provisioned, alone

HERE, THERE = "http://127.0.0.1:3000", "https://metabase.example.org"


def test_what_is_kept_is_there_for_the_next_run_and_for_that_server_alone(database: psycopg.Connection[Any]) -> None:
    kept = Provisioned(HERE)
    kept["card/one"] = Item(5, "first")
    kept["card/two"] = Item(6, "second")
    kept["card/one"] = Item(7, "again")
    assert dict(Provisioned(HERE)) == dict(kept) == {"card/one": Item(7, "again"), "card/two": Item(6, "second")}
    assert dict(Provisioned(THERE)) == {}
    del kept["card/one"]
    assert list(Provisioned(HERE)) == ["card/two"] and len(Provisioned(HERE)) == 1


def test_who_comes_to_a_server_that_is_provisioned_waits_and_finds_what_was_made(
    database: psycopg.Connection[Any],
) -> None:
    found: list[dict[str, Item]] = []

    def second() -> None:
        with alone(HERE) as state:
            found.append(dict(state))

    with alone(HERE) as state:
        other = threading.Thread(target=second)
        other.start()
        with alone(THERE):
            pass  # another server is nobody's to wait for
        state["card/one"] = Item(5, "first")
        assert found == []
    other.join(30)
    assert found == [{"card/one": Item(5, "first")}]
