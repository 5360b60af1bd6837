"""However a publisher is asked: a file that holds something personal is refused, and nothing of it stays on disk.

The person whose number this is was made up. Every kind of canary, and every place, is for `test_canaries`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from speakers import KEY, SPEAKERS, Speak, spoken, transports
from stand_ins.publisher import Publisher

from ingestion.errors import PersonalData
from promise.settings import settings

CHI = "0101101007"


def test_each_transport_that_asks_a_publisher_is_tried(publisher: Publisher) -> None:
    assert spoken(publisher) == transports()
    assert len(SPEAKERS) > len(transports()) > 7


@pytest.mark.parametrize("speak", SPEAKERS, ids=lambda speak: speak.__name__)
def test_a_file_with_a_chi_number_is_refused_and_nothing_of_it_stays(
    publisher: Publisher, take: Any, kept: Callable[[], str], monkeypatch: pytest.MonkeyPatch, speak: Speak
) -> None:
    monkeypatch.setenv("PROMISE_CREDENTIAL_STAT_XPLORE", KEY)
    path, live = speak(publisher, f"see {CHI}" if speak.__name__ == "workbook" else CHI)
    with pytest.raises(PersonalData, match="a CHI number, 10 characters long") as refused:
        take(path, **live)
    assert CHI not in f"{refused.value}{kept()}"
    assert [each for each in (settings().landing / "figures").rglob("*") if each.is_file()] == []


@pytest.mark.parametrize("speak", SPEAKERS, ids=lambda speak: speak.__name__)
def test_the_same_file_without_one_is_landed(
    publisher: Publisher, take: Any, monkeypatch: pytest.MonkeyPatch, speak: Speak
) -> None:
    monkeypatch.setenv("PROMISE_CREDENTIAL_STAT_XPLORE", KEY)
    path, live = speak(publisher, "12")
    assert take(path, **live)
