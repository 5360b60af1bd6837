"""What a browser looks at: the site as built from the real bundle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bi.site.build import build


@pytest.fixture(scope="session")
def built_site(warehouse: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a site built from a whole warehouse."""
    out = tmp_path_factory.mktemp("site") / "site"
    build(out)
    return out
