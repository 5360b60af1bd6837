"""What serves pages says of them what only a server can say."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from workbench.serving import Pages


class Quiet(Pages):
    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def served(tmp_path: Path) -> Iterator[httpx.Client]:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "table.csv").write_text("a,b\n")
    (tmp_path / "index.html").write_text("<!doctype html><title>A page</title>")
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    with httpx.Client(base_url=f"http://127.0.0.1:{server.server_port}", trust_env=False) as client:
        yield client
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("path", "status"), [("/", 200), ("/index.html", 200), ("/data/table.csv", 200), ("/nothing", 404), ("/data/", 404)]
)
def test_every_answer_has_the_headers(served: httpx.Client, path: str, status: int) -> None:
    answer = served.get(path)
    assert answer.status_code == status
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy and "http" not in policy and "*" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_a_folder_without_a_page_is_not_listed(served: httpx.Client) -> None:
    assert "table.csv" not in served.get("/data/").text


@pytest.mark.parametrize("path", ["/../secret", "/%2e%2e/secret", "/..%2fsecret"])
def test_nothing_outside_the_folder_is_served(served: httpx.Client, tmp_path: Path, path: str) -> None:
    (tmp_path.parent / "secret").write_text("s3cret")
    assert served.get(path).status_code == 404
