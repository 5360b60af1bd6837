"""Serves a folder of pages that we wrote: `python -m workbench.serving PORT --bind ADDRESS --directory FOLDER`.

Each page carries its own policy, because it may be served from anywhere. What is served here says besides what only
a server can say, and what holds for the files that are no pages.
"""

from __future__ import annotations

import functools
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any

import click

HEADERS = {
    # No more than dbt's documentation needs; a page's own policy takes away from it. Nobody frames a page of ours.
    "Content-Security-Policy": (
        "default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'; object-src 'none'; base-uri 'self'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


class Pages(SimpleHTTPRequestHandler):
    """The files of a folder, with these headers. A folder without a page shows nothing."""

    def end_headers(self) -> None:
        for name, value in HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def list_directory(self, path: Any) -> BytesIO | None:
        self.send_error(HTTPStatus.NOT_FOUND)
        return None


@click.command()
@click.argument("port", type=int)
@click.option("--bind", required=True)
@click.option("--directory", type=click.Path(path_type=Path), required=True)
def main(port: int, bind: str, directory: Path) -> None:
    """Serve the folder until somebody stops it."""
    with ThreadingHTTPServer((bind, port), functools.partial(Pages, directory=str(directory))) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
