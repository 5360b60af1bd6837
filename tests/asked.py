"""What a test that asks the built warehouse is given: rows for a statement, as readers see them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Query = Callable[..., list[tuple[Any, ...]]]
