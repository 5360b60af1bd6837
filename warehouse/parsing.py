"""dbt reads the project beside whatever is done before it builds, in a process of its own: python -m warehouse.parsing.

Reading all of it takes dbt ten seconds of a core, which on two cores the arrival gate leaves idle. What it read is kept
in the home (`transform.read`), and the build goes on from there. Installing has it read for every home that will begin
with the files as they are then: python -m warehouse.parsing installed.
"""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
from collections.abc import Iterator

from promise.errors import PromiseError
from promise.settings import settings
from warehouse import transform

log = logging.getLogger("warehouse.parsing")
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
    with transform.environment():
        is_read = transform.is_read()
    if is_read:
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


if __name__ == "__main__":
    if sys.argv[1:] == ["installed"]:
        sys.exit(0 if transform.read_for_every_home() else 1)
    with transform.environment():
        sys.exit(0 if transform.read() is not None else 1)
