"""dbt reads the project beside whatever is done before it builds, in a process of its own: python -m warehouse.parsing.

Reading all of it takes dbt five seconds of a core, which on two cores the arrival gate leaves idle. What it read stands
in dbt's target folder, and the build goes on from there.
"""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from promise.errors import PromiseError
from promise.settings import settings
from warehouse import transform

log = logging.getLogger("warehouse.parsing")
KEPT = "partial_parse.msgpack"
READING = (sys.executable, "-m", "warehouse.parsing")


@contextlib.contextmanager
def beside() -> Iterator[None]:
    """For the length of the block dbt reads what changed of the project, if something did. Waits for it at the end."""
    try:
        transform.write_generated()
    except PromiseError as error:  # the catalogue stops the build, and no file that is to be judged
        log.warning("dbt could not read the project: %s", error)
        yield
        return
    if not _is_behind(transform.project(), transform.target_path("prod") / KEPT):
        yield
        return
    reading = subprocess.Popen(
        READING,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=os.environ,
        cwd=settings().root,
    )
    try:
        yield
    finally:
        said, _ = reading.communicate()
        if reading.returncode:  # the build says so itself, and stops
            log.warning("dbt could not read the project:\n%s", said.decode(errors="replace").strip())


def _is_behind(project: Path, kept: Path) -> bool:
    """Whether a file of the project is younger than what dbt has kept of it."""
    if not kept.exists():
        return True
    read = kept.stat().st_mtime
    return any(path.stat().st_mtime > read for path in project.rglob("*") if path.is_file())


if __name__ == "__main__":
    with transform.environment():
        sys.exit(0 if transform.invoke(["parse"]).success else 1)
