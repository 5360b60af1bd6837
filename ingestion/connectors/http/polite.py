"""Not more often than a host wants to be asked, by all our processes together.

A file per host in PROMISE_HOME holds when the next request may go out. Airflow runs each source in a process of its
own, and a dozen of them may turn to one publisher in the same minute.
"""

from __future__ import annotations

import contextlib
import email.utils
import fcntl
import json
import re
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from promise.catalogue.live import Limits
from promise.settings import settings

# A reset in the far future is a point in time; milliseconds have three digits more than seconds.
A_POINT_IN_TIME = 1_000_000_000
MILLISECONDS = 100_000_000_000
LONGEST_HOLD = 86_400  # seconds


class Hold(Exception):
    """The host asked for a longer pause than we sit through."""

    def __init__(self, until: float) -> None:
        super().__init__(until)
        self.until = until


def wait_for_turn(host: str, limits: Limits) -> None:
    """Sleep until this request may go out. Raises Hold when that is further away than our patience."""
    interval = 1 / limits.requests_per_second
    with _slots(host) as slots:
        now = time.time()
        not_before = float(slots.get("not_before", 0))
        if not_before - now > limits.patience_seconds:
            raise Hold(not_before)
        # `next` runs ahead of the clock by one interval a request; up to a burst it may.
        turn = max(min(float(slots.get("next", 0)), now + limits.patience_seconds), now, not_before)
        slots["next"] = turn + interval
        pause = max(turn - now - (limits.burst - 1) * interval, not_before - now)
    if pause > 0:
        time.sleep(pause)


def hold(host: str, until: float) -> None:
    """Nobody of us asks this host before then; a slip of the server's clock keeps us away for a day at most."""
    with _slots(host) as slots:
        slots["not_before"] = max(min(until, time.time() + LONGEST_HOLD), float(slots.get("not_before", 0)))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """When the server wants to be asked again, as a time: it says so in seconds or as a date."""
    said = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", said):
        return time.time() + float(said)
    with contextlib.suppress(ValueError, TypeError):
        when = email.utils.parsedate_to_datetime(said)
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    return None


def used_up_until(headers: Mapping[str, str]) -> float | None:
    """When the allowance begins anew, if this answer says that it is used up.

    Reads X-RateLimit-* and RateLimit-*; a reset is a number of seconds, or a time in seconds or milliseconds.
    """
    found: float | None = None
    for prefix in ("x-ratelimit", "ratelimit"):
        for remaining, reset in (
            (f"{prefix}-remaining", f"{prefix}-reset"),
            (f"{prefix}-table-remaining", f"{prefix}-table-reset"),
        ):
            if headers.get(remaining, "").strip() != "0":
                continue
            said = headers.get(reset) or headers.get(f"{prefix}-reset") or ""
            if re.fullmatch(r"\d{1,16}(\.\d+)?", said.strip()):
                number = float(said)
                if number > MILLISECONDS:
                    number /= 1000
                until = number if number > A_POINT_IN_TIME else time.time() + number
                found = max(until, found or 0)
    return found


def words(until: float) -> str:
    """A time as people read it."""
    return f"{datetime.fromtimestamp(until, UTC):%d %B %Y %H:%M:%S} UTC"


@contextlib.contextmanager
def _slots(host: str) -> Iterator[dict[str, Any]]:
    """The host's file, for us alone while the block runs."""
    folder = settings().home / "fetching" / "hosts"
    folder.mkdir(parents=True, exist_ok=True)
    path: Path = folder / f"{re.sub(r'[^a-z0-9.-]', '_', host.lower())}.json"
    with path.open("a+") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        handle.seek(0)
        slots: dict[str, Any] = {}
        with contextlib.suppress(ValueError):  # a full disk may have left half of one
            slots = json.loads(handle.read() or "{}")
        yield slots
        handle.seek(0)
        handle.truncate()
        handle.write(json.dumps(slots))
