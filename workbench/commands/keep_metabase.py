"""`promise component metabase`: sees to the Metabase beside us, for containers.

Whoever comes first to a new Metabase becomes its administrator, so it is set up as soon as it answers. After a release
Airflow's DAG `bi` provisions it; what that could not, because Metabase was not there yet or had given us no key, is
done here, after the site. Each thing is tried again for as long as this runs, what goes on failing less and less often.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import NoReturn

from bi.metabase.apply import apply
from bi.metabase.client import NotYet, SignInRefused
from bi.metabase.setup import setup
from promise import database
from promise.errors import PromiseError
from warehouse import releases

PAUSE = 60.0  # seconds between two looks
LONGEST = 3600.0  # Metabase forgets within the hour that a sign-in was refused


def keep() -> NoReturn:
    """Look, do what is missing, say what was done or why not, and look again, for ever."""
    pause = PAUSE
    while True:
        try:
            for words in once():
                print(words, flush=True)  # noqa: T201
            pause = PAUSE
        except PromiseError as error:
            print(error, flush=True)  # noqa: T201
            pause = _after(error, pause)
        time.sleep(pause)


def _after(error: PromiseError, pause: float) -> float:
    """How long to wait after an error: twice as long as before it, up to an hour."""
    match error:
        case NotYet():  # nobody is troubled by a look, and whoever comes first becomes administrator
            return PAUSE
        case SignInRefused():
            return LONGEST
        case _:
            return min(2 * pause, LONGEST)


def once() -> Iterator[str]:
    """Set Metabase up, and provision it if the site is of the release that is shown and Metabase is not."""
    for done in setup()["done"]:
        yield f"Metabase: {done}"
    with database.connect("releaser") as conn:
        is_behind = releases.is_drawn(conn, "site") and not releases.is_drawn(conn, "metabase")
    if is_behind:
        applied = apply()
        yield f"Metabase is of release {applied['release_id']}: {applied['writes']} writes"
        yield from applied["notes"]
