"""Publishers on loopback, of whom one takes the request and says nothing."""

from __future__ import annotations

import contextlib
import http.server
import shutil
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from promise.catalogue.sources import ENTRY, FOLDER

# What a campaign may take is seconds, not what a publisher may take: the same rules with smaller numbers.
LIMITS = {"read_seconds": 5, "attempts": 2, "first_wait_seconds": 0.1}


@contextlib.contextmanager
def silent(files: Mapping[str, Path], silent_id: str) -> Iterator[str]:
    """For the length of a block the publisher of one source is silent; the others give their files, and all do after.

    Gives where they are, as host and port. They stay as long as this process.
    """
    may_speak = threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            source_id = self.path.strip("/").removesuffix(".csv")
            if source_id == silent_id:
                may_speak.wait()
            content = files[source_id].read_bytes()
            self.send_response(200)
            self.send_header("Content-Type", "text/csv")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            with contextlib.suppress(OSError):  # whoever asked may have left
                self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        may_speak.set()


def rehosted(folder: Path, source_ids: tuple[str, ...], host: str) -> None:
    """Describe every source in a folder for PROMISE_SOURCES; these as asked for at that host."""
    shutil.copytree(FOLDER, folder)
    for source_id in source_ids:
        path = folder / source_id / ENTRY
        entry = yaml.safe_load(path.read_text())
        address = f"http://{host}/{source_id}.csv"
        entry["live"] = {
            "transport": "file", "address": address, "hosts": [host], "limits": LIMITS, "tried_on": None,
        }  # fmt: skip
        path.write_text(yaml.safe_dump(entry, sort_keys=False))
