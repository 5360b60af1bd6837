"""Whatever happened to the vintages, what stands is what reading everything gives: sixty histories.

In a file of its own: it leaves hundreds of vintages, and each build after it would be of all of them.
"""

from __future__ import annotations

import random

from integration.in_proportion.histories import EVENTS, KEPT, OF_ALL, SEED, Warehouse, build, differences

from promise.catalogue.framework import framework
from promise.catalogue.sources import sources

HISTORIES, STEPS = 60, 3


def test_after_any_history_there_stands_what_reading_everything_gives(small: Warehouse) -> None:
    chance = random.Random(SEED)
    landed = {source_id for (source_id,) in small.execute("select distinct source_id from ops.vintage")}
    named = {series.source for _, _, series in framework().series()}
    those = [sources()[source_id] for source_id in sorted(landed & named)]
    assert len(those) > 9
    happened: dict[str, list[str]] = {}
    rounds = -(-HISTORIES // len(those))
    for number in range(rounds * STEPS):
        for source in those:
            if (event := chance.choice([None, *EVENTS])) is not None:
                with small.transaction():
                    EVENTS[event](small, source, chance)
                happened.setdefault(f"{source.id} {number // STEPS}", []).append(event)
        if number % 2:
            small.execute(chance.choice(OF_ALL).encode())
        if chance.random() < 0.2:  # a run that ended between the two
            assert build(KEPT[0]).success
        assert differences(small, build()) == [], happened
    assert len(happened) >= 50
    assert {event for events in happened.values() for event in events} == {*EVENTS}
