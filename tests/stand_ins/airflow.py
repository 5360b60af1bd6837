"""A stand-in for Airflow's API over real HTTP, on loopback: the few answers that following a pass asks for.

It can be slow, busy or gone, in the ways in which the real one is on a small machine. In a thread of the test's own, or
as a process that can be stopped: python -m stand_ins.airflow PORT, which tells its port on the first line.
"""

from __future__ import annotations

import contextlib
import json
import re
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


@dataclass
class Desk:
    """What it holds, what it was asked, and what it does wrong with the next requests to a path."""

    runs: dict[str, dict[str, Any]] = field(default_factory=dict)  # by their id
    asked: list[tuple[str, str]] = field(default_factory=list)  # method and path
    troubles: dict[str, list[str | float]] = field(default_factory=dict)  # by path; see Handler.trouble
    closing: threading.Event = field(default_factory=threading.Event)

    def times(self, path: str) -> int:
        return [path for _, path in self.asked].count(path)


class Handler(BaseHTTPRequestHandler):
    """Answers as Airflow 3.3 does, in the shapes that the client reads."""

    desk: Desk

    def do_GET(self) -> None:
        self.handle_one()

    def do_POST(self) -> None:
        self.handle_one()

    def do_PATCH(self) -> None:
        self.handle_one()

    def handle_one(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or "{}")
        path = urlsplit(self.path).path
        self.desk.asked.append((self.command, path))
        troubles = self.desk.troubles.get(path, [])
        trouble = troubles.pop(0) if troubles else ""
        if trouble == "hang up":
            self.close_connection = True
            return
        if trouble == "a page":
            return self.send(200, "<!DOCTYPE html><h1>Another server</h1>", "text/html")
        if trouble == "a list":
            return self.send(200, "[]")
        if trouble in ("500", "503"):
            return self.send(int(trouble), '{"detail": "busy"}')
        status, answer = self.answer(path, body)
        if isinstance(trouble, float):  # what was asked is done all the same
            self.desk.closing.wait(trouble)
        with contextlib.suppress(OSError):  # whoever asked has gone
            self.send(status, json.dumps(answer))

    def answer(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        if asked := re.fullmatch(r"/api/v2/dags/([^/~]+)/dagRuns(?:/([^/]+))?", path):
            return self.run(asked[1], asked[2] or str(body.get("dag_run_id") or f"manual_{len(self.desk.runs)}"), body)
        beat = datetime.now(UTC).isoformat()
        answers = {
            "/api/v2/monitor/health": {
                "metadatabase": {"status": "healthy"},
                "scheduler": {"latest_scheduler_heartbeat": beat},
                "dag_processor": {"latest_dag_processor_heartbeat": beat},
            },
            "/execution/health/ping": {"ok": "ok"},
            "/auth/token": {"access_token": "t"},
            "/api/v2/dags/~/dagRuns/list": {
                "dag_runs": list(self.desk.runs.values()),
                "total_entries": len(self.desk.runs),
            },
            "/api/v2/dags/~/dagRuns/~/taskInstances/list": {"task_instances": [], "total_entries": 0},
        }
        return (200, answers[path]) if path in answers else (404, {"detail": f"nothing at {path}"})

    def run(self, dag_id: str, run_id: str, body: dict[str, Any]) -> tuple[int, Any]:
        known = self.desk.runs.get(run_id)
        if self.command == "POST":
            if known:
                return 409, {"detail": "A Dag run with this id exists already"}
            times = dict.fromkeys(("queued_at", "start_date", "end_date"), datetime.now(UTC).isoformat())
            known = {"dag_id": dag_id, "dag_run_id": run_id, "state": "success", **times}
            self.desk.runs[run_id] = known
        if known is None:
            return 404, {"detail": "no such run"}
        if self.command == "PATCH":
            known.update(body)
        return 200, known

    def send(self, status: int, body: str, media_type: str = "application/json") -> None:
        self.send_response_only(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())


@contextlib.contextmanager
def serving(port: int = 0) -> Iterator[tuple[str, Desk]]:
    """An Airflow at an address of its own, and its desk."""
    desk = Desk()
    server = ThreadingHTTPServer(("127.0.0.1", port), type("OwnHandler", (Handler,), {"desk": desk}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", desk
    finally:
        desk.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


if __name__ == "__main__":
    with serving(int(sys.argv[1])) as (address, _):
        print(address, flush=True)
        threading.Event().wait()
