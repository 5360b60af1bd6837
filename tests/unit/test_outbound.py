"""Who may open a connection, and how it is known where that leads. A new one has to say so here."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from promise.settings import ROOT

FLOORS = ("promise", "ingestion", "warehouse", "expectations", "bi", "orchestration", "dags", "workbench")
CONNECTS = {
    "aiohttp", "botocore", "boto3", "ftplib", "http.client", "httpcore", "httpx", "imaplib", "metabase_api", "paramiko",
    "requests", "s3fs", "smtplib", "socket", "urllib.request", "urllib3", "websockets", "airflow.providers",
}  # fmt: skip
KNOWN = {
    # Publishers: one session, which asks `hosts.Allowed` before each request and after each redirect (test_http.py).
    "ingestion/connectors/http/hosts.py", "ingestion/connectors/http/pace.py", "ingestion/connectors/http/session.py",
    # The bucket that PROMISE_INBOX names (test_file_drop.py), without following redirects (test_redirects.py).
    "ingestion/connectors/object_storage.py", "ingestion/connectors/bucket_session.py",
    # METABASE_URL, without following redirects (test_metabase_errors.py).
    "bi/metabase/client.py",
    # Whom PROMISE_NOTIFY names, without following redirects (test_notify.py).
    "orchestration/notify.py",
    # Our own Airflow and database on loopback, and a look for a free port there.
    "orchestration/client.py", "orchestration/processes.py", "promise/database/embedded.py",
    # Benchmarks: a publisher of their own on loopback.
    "workbench/bench/connectors.py", "workbench/bench/faults/parts.py",
}  # fmt: skip
# Of `httpx` these take the address and the answer as types; the session does the asking.
TYPES_ALONE = {"URL", "Response"}


def connecting(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text())
    modules = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    modules += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    for module in modules:
        if any(module == each or module.startswith(f"{each}.") for each in CONNECTS):
            used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and name_of(node) == module}
            if not (module == "httpx" and used <= TYPES_ALONE):
                yield module


def name_of(node: ast.Attribute) -> str | None:
    return node.value.id if isinstance(node.value, ast.Name) else None


def test_whoever_opens_a_connection_is_known_with_where_it_leads() -> None:
    paths = [path for floor in FLOORS for path in sorted((ROOT / floor).rglob("*.py"))]
    assert len(paths) > 100
    assert {str(path.relative_to(ROOT)) for path in paths if list(connecting(path))} == KNOWN


def test_a_connector_that_asks_by_itself_would_be_found(tmp_path: Path) -> None:
    path = tmp_path / "connector.py"
    path.write_text("import httpx\n\n\ndef f(url: httpx.URL) -> None:\n    httpx.get(url)\n")
    assert list(connecting(path)) == ["httpx"]
    path.write_text("from urllib.request import urlopen\n")
    assert list(connecting(path)) == ["urllib.request"]
