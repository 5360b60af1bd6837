"""`make bi-live METABASE_JAR=…`: set-up, apply, apply and smoke against a real Metabase, of a jar that somebody has.

The server is started here with a database of its own that is thrown away, listens on loopback, and is stopped at the
end. The release that is shown must have been made (`make run`).
"""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bi.metabase import boundaries, keys
from bi.metabase.apply import CUSTOM, offers, provisioner
from bi.metabase.server import Patience
from bi.metabase.setup import setup
from bi.metabase.writing import Outcome
from orchestration.processes import free_port
from promise import database
from promise.errors import PromiseError
from warehouse import releases
from warehouse.provisioned import Item

PATIENCE = Patience(start=600.0, sync=300.0)  # a first start migrates an empty database, on whatever machine
# What would have us speak to another server, or with another server's key.
NOT_OURS = ("METABASE_API_KEY", "METABASE_PUBLIC_URL", "METABASE_PUBLIC_LINKS", "PROMISE_GEOJSON_URL")


def live(jar: Path) -> Iterator[str]:
    """In words, what each step came to. Raises PromiseError when one fails, or when a second apply writes."""
    database.ensure_running()
    with tempfile.TemporaryDirectory() as folder, _running(jar, Path(folder)) as url:
        try:
            found = setup(patience=PATIENCE)
            yield f"set up Metabase {found['version']}: {', '.join(found['done'])}"
            state: dict[str, Item] = {}

            with releases.reading() as conn:
                boundaries.write(conn, Path(folder, "maps") / CUSTOM)
                offered = offers(conn)

            def run(what: str) -> Outcome:
                one = provisioner(url, keys.kept(url) or "", state, offered, patience=PATIENCE)
                outcome: Outcome = getattr(one, what)()
                return outcome

            for name in ("first", "second"):
                applied = run("run")
                run_of = f"{applied.questions_run} questions run, map as {applied.map}"
                yield f"{name} apply: {applied.writes} writes, {run_of}"
                yield from applied.notes
            if applied.writes:
                raise PromiseError(
                    f"a second apply to Metabase {found['version']} writes again: {', '.join(applied.updated)}; it "
                    "keeps something differently from what was sent. Please report it."
                )
            yield f"smoke: {run('smoke').questions_run} questions run"
        finally:
            keys.forget(url)


@contextlib.contextmanager
def _running(jar: Path, folder: Path) -> Iterator[str]:
    if not jar.is_file():
        raise PromiseError(f"there is no {jar}: set METABASE_JAR to the path of a metabase.jar")
    (folder / "maps").mkdir()
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    for name in NOT_OURS:
        os.environ.pop(name, None)
    os.environ |= {
        "METABASE_URL": url,
        "METABASE_ADMIN_EMAIL": "live@example.org",
        "METABASE_ADMIN_PASSWORD": secrets.token_urlsafe(24),
        "METABASE_MAPS": str(folder / "maps"),
    }
    environment = os.environ | {
        "MB_DB_TYPE": "h2",
        "MB_DB_FILE": str(folder / "metabase.db"),
        "MB_JETTY_HOST": "127.0.0.1",
        "MB_JETTY_PORT": str(port),
        "MB_ANON_TRACKING_ENABLED": "false",
        "MB_CHECK_FOR_UPDATES": "false",
        "MB_LOAD_SAMPLE_CONTENT": "false",
        "MB_ALLOW_CLASSPATH_GEOJSON": "true",
    }
    command = ["java", f"-Xbootclasspath/a:{folder / 'maps'}", "-jar", str(jar.resolve())]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        yield url
    finally:
        server.terminate()
        server.wait(60)


if __name__ == "__main__":
    try:
        for words in live(Path(sys.argv[1] or "metabase.jar")):
            print(words, flush=True)  # noqa: T201
    except PromiseError as error:
        sys.exit(f"Error: {error}")
