"""What may be printed of a cell is what readers see of its figure."""

from __future__ import annotations

import pytest

from warehouse.as_seen import AsSeen


@pytest.mark.parametrize(
    ("seen", "cell", "printed"),
    [
        (AsSeen(), "461.538461538462", "461.538461538462"),
        (AsSeen(decimals=1), "461.538461538462", "461.5"),
        (AsSeen(decimals=1), "-0.25", "-0.3"),
        (AsSeen(decimals=1), "1,884", "1,884"),
        (AsSeen(is_withheld=True), "8", "withheld"),
        (AsSeen(is_withheld=True, decimals=1), "0.4%", "withheld"),
        (AsSeen(is_withheld=True), "[c]", "[c]"),
        (AsSeen(is_withheld=True), None, None),
    ],
)
def test_a_number_is_hidden_or_rounded_and_everything_else_is_printed(
    seen: AsSeen, cell: str | None, printed: str | None
) -> None:
    assert seen.cell(cell) == printed
