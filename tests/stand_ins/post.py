"""A mail server and a webhook on loopback, and what they were sent."""

from __future__ import annotations

import contextlib
import email
import email.policy
import html
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from orchestration.processes import free_port

SECRET = "/services/T0KEN/s3cret"


@dataclass(frozen=True)
class Mail:
    """One mail as it came."""

    sender: str
    to: list[str]
    subject: str
    text: str


@dataclass
class Post:
    """What came. `setting` is the PROMISE_NOTIFY that leads here."""

    setting: str = ""
    mails: list[Mail] = field(default_factory=list)
    hooks: list[tuple[str, str]] = field(default_factory=list)  # path and text
    status: int = 200  # what the webhook answers
    moved_to: str | None = None  # and where it sends whoever asks

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:
        """As aiosmtpd calls it."""
        content = envelope.content
        assert isinstance(content, bytes) and envelope.mail_from
        message = email.message_from_bytes(content, _class=EmailMessage, policy=email.policy.default)
        body = message.get_body()
        assert isinstance(body, EmailMessage)
        text = html.unescape(re.sub(r"</?pre>", "", str(body.get_content()))).strip()
        self.mails.append(Mail(envelope.mail_from, list(envelope.rcpt_tos), str(message["subject"]), text))
        return "250 OK"


@contextlib.contextmanager
def posting() -> Iterator[Post]:
    """For the length of a block somebody takes mails and answers a webhook."""
    post = Post()

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            post.hooks.append((self.path, said["text"]))
            self.send_response(post.status)
            if post.moved_to:
                self.send_header("Location", post.moved_to)
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    mail = Controller(post, hostname="127.0.0.1", port=free_port())
    hook = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=hook.serve_forever, daemon=True).start()
    mail.start()
    try:
        post.setting = (
            f"smtp://127.0.0.1:{mail.port}?from=promise@example.org&to=a@example.org&to=b@example.org&starttls=no"
            f" http://127.0.0.1:{hook.server_port}{SECRET}"
        )
        yield post
    finally:
        mail.stop()
        hook.shutdown()
        hook.server_close()
