"""The keys to Metabase that `promise bi setup` made: one file in PROMISE_HOME that its owner alone may read.

Each key is kept with the address it is for, because whoever answers at another address would be shown it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from bi.metabase.client import MetabaseError
from promise.settings import settings

FILE_NAME = "metabase_keys.json"


def kept(url: str) -> str | None:
    """The key for that address."""
    return _read().get(url.rstrip("/"))


def keep(url: str, key: str) -> Path:
    """Write the key down, in place of an earlier one for that address."""
    return _write({**_read(), url.rstrip("/"): key})


def forget(url: str) -> None:
    """Keep no key for that address."""
    _write({other: key for other, key in _read().items() if other != url.rstrip("/")})


def _write(found: dict[str, str]) -> Path:
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".half")
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(found, file)
    half.replace(path)
    return path


def _path() -> Path:
    return settings().home / FILE_NAME


def _read() -> dict[str, str]:
    path = _path()
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_text())
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise MetabaseError(f"{path} is not what `promise bi setup` writes; delete it, and run that again")
    return {str(url): str(key) for url, key in found.items()}
