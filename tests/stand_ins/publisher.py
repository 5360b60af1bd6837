"""A stand-in for any publisher: files and API answers over real HTTP, on loopback, with every way to go wrong.

A page behaves like a well-kept web server (ETag, Last-Modified, ranges) until a test gives it another behaviour. What
was asked is kept, to the letter, for tests to look at.
"""

from __future__ import annotations

import contextlib
import email.utils
import gzip
import hashlib
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Behaviour = Callable[["Exchange"], None]


@dataclass
class Asked:
    """One request as it came."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))


@dataclass
class Page:
    """What stands at one path. Without a behaviour it is a file on a good server."""

    content: bytes = b""
    media_type: str = "text/csv"
    etag: str | None = None  # by default one that follows the content; "" sends none
    last_modified: float | None = None
    behaviour: Behaviour | None = None
    asked: int = 0

    @property
    def tag(self) -> str:
        return f'"{hashlib.sha256(self.content).hexdigest()[:16]}"' if self.etag is None else self.etag


@dataclass
class Exchange:
    """One request and the means to answer it."""

    page: Page
    asked: Asked
    handler: BaseHTTPRequestHandler
    nth: int  # the how-manyth request to this page, from 1
    closing: threading.Event
    sent: bool = field(default=False)

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        """An ordinary answer. Underscores in header names stand for hyphens."""
        given = {name.replace("_", "-"): content for name, content in headers.items()}
        self.head(status, **{"Content-Length": str(len(body)), **given})
        if self.asked.method != "HEAD" and status != 304:
            self.raw(body)

    def head(self, status: int, **headers: str) -> None:
        self.handler.send_response_only(status)
        for name, content in headers.items():
            self.handler.send_header(name.replace("_", "-"), content)
        self.handler.end_headers()
        self.sent = True

    def raw(self, body: bytes) -> None:
        self.handler.wfile.write(body)

    def wait(self, seconds: float) -> None:
        """Do nothing, unless the server is closed meanwhile."""
        self.closing.wait(seconds)

    def hang_up(self) -> None:
        """Close the connection here and now."""
        self.handler.close_connection = True
        with contextlib.suppress(OSError):
            self.handler.connection.shutdown(socket.SHUT_RDWR)

    def file(self, **also: str) -> None:
        """The page's content as a good server gives it: not again if it is known, and from the middle if asked.

        `also` are headers besides.
        """
        page, headers = self.page, self.asked.headers
        dated = email.utils.formatdate(page.last_modified, usegmt=True) if page.last_modified else None
        said = {"Content-Type": page.media_type, "Accept-Ranges": "bytes"}
        said |= {"ETag": page.tag} if page.tag else {}
        said |= {"Last-Modified": dated} if dated else {}
        said |= also
        known = headers.get("if-none-match")
        if (page.tag and known == page.tag) or (known is None and dated and headers.get("if-modified-since") == dated):
            return self.answer(304, **said)
        wanted = re.fullmatch(r"bytes=(\d+)-", headers.get("range", ""))
        if wanted and headers.get("if-range") in (page.tag, dated):
            start, size = int(wanted[1]), len(page.content)
            if start >= size:
                return self.answer(416, Content_Range=f"bytes */{size}")
            said["Content-Range"] = f"bytes {start}-{size - 1}/{size}"
            return self.answer(206, page.content[start:], **said)
        return self.answer(200, page.content, **said)


class Publisher:
    """The server. `host` is what a source's allow-list names."""

    def __init__(self, address: str = "127.0.0.1", certificate: ssl.SSLContext | None = None) -> None:
        self.pages: dict[str, Page] = {}
        self.routes: list[tuple[re.Pattern[str], Behaviour]] = []
        self.requests: list[Asked] = []
        self._closing = threading.Event()
        publisher = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 0
            disable_nagle_algorithm = True

            def log_message(self, *_: Any) -> None:
                pass

            def do_GET(self) -> None:
                publisher._answer(self)

            do_POST = do_HEAD = do_GET

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

            def handle_error(self, *_: Any) -> None:  # a client that hangs up is part of the play
                pass

        self._server = Server((address, 0), Handler)
        if certificate is not None:
            self._server.socket = certificate.wrap_socket(self._server.socket, server_side=True)
        self._scheme = "https" if certificate else "http"
        self.host = f"{address}:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def url(self, path: str = "/") -> str:
        return f"{self._scheme}://{self.host}{path}"

    def page(self, path: str, content: bytes | str = b"", **given: Any) -> Page:
        """Put a page there. Give `behaviour` for anything but a file on a good server."""
        page = Page(content.encode() if isinstance(content, str) else content, **given)
        self.pages[path] = page
        return page

    def route(self, pattern: str, behaviour: Behaviour) -> None:
        """Everything whose path matches and that is no page: how an API is played."""
        self.routes.append((re.compile(pattern), behaviour))

    def asked(self, path: str) -> list[Asked]:
        return [each for each in self.requests if each.path == path]

    def close(self) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        headers = {name.lower(): content for name, content in handler.headers.items()}
        asked = Asked(handler.command, handler.path, headers, body)
        self.requests.append(asked)
        page = self.pages.get(asked.path)
        if page is None:
            behaviour = next((each for pattern, each in self.routes if pattern.fullmatch(asked.path)), None)
            page = Page(behaviour=behaviour or (lambda exchange: exchange.answer(404, b"not found")))
        page.asked += 1
        exchange = Exchange(page, asked, handler, page.asked, self._closing)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError, ssl.SSLError):
            (page.behaviour or Exchange.file)(exchange)


@contextlib.contextmanager
def publishing(**given: Any) -> Iterator[Publisher]:
    """A publisher for the length of a block."""
    publisher = Publisher(**given)
    try:
        yield publisher
    finally:
        publisher.close()


# ------------------------------------------------------------------------------------------------------- behaviours


def first(times: int, behaviour: Behaviour, then: Behaviour = Exchange.file) -> Behaviour:
    """So for the first times, and then otherwise."""
    return lambda exchange: (behaviour if exchange.nth <= times else then)(exchange)


def status(code: int, body: bytes = b"", **headers: str) -> Behaviour:
    """Always this answer."""
    return lambda exchange: exchange.answer(code, body, **headers)


def redirect(to: str, code: int = 302) -> Behaviour:
    return lambda exchange: exchange.answer(code, Location=to)


def silent(exchange: Exchange) -> None:
    """The connection stands, and nothing comes."""
    exchange.wait(30)
    exchange.hang_up()


def trickle(exchange: Exchange) -> None:
    """A byte now and then: never silent for long, and never done."""
    exchange.head(200, Content_Type="text/csv", Content_Length=str(len(exchange.page.content)))
    for byte in exchange.page.content:
        exchange.raw(bytes([byte]))
        exchange.wait(0.02)
        if exchange.closing.is_set():
            return


def broken_off(share: float = 0.5, **headers: str) -> Behaviour:
    """The whole is announced, a share of it comes, and the connection breaks."""

    def play(exchange: Exchange) -> None:
        content, page = exchange.page.content, exchange.page
        said = {"Content_Type": page.media_type, "Content_Length": str(len(content))}
        said |= {"ETag": page.tag} if page.tag else {}
        exchange.head(200, **said, **headers)
        exchange.raw(content[: int(len(content) * share)])
        exchange.hang_up()

    return play


def miscounted(by: int) -> Behaviour:
    """Content-Length is wrong by so many bytes."""

    def play(exchange: Exchange) -> None:
        content = exchange.page.content
        exchange.head(200, Content_Type="text/csv", Content_Length=str(len(content) + by))
        exchange.raw(content)
        exchange.hang_up()

    return play


def gzip_bomb(megabytes: int) -> bytes:
    """Zeros, packed about a thousandfold."""
    return gzip.compress(bytes(megabytes * 1_000_000), 9)


def packed(exchange: Exchange) -> None:
    """Gzip on the way, whether we asked or not."""
    exchange.answer(200, gzip.compress(exchange.page.content), Content_Encoding="gzip", Content_Type="text/csv")


def endless(exchange: Exchange) -> None:
    """No length, and no end."""
    exchange.head(200, Content_Type="text/csv", Connection="close")
    while not exchange.closing.is_set():
        exchange.raw(b"a,b,c\n" * 10_000)


@contextlib.contextmanager
def deaf() -> Iterator[str]:
    """An address where connections are neither taken nor refused. Gives host:port."""
    with socket.socket() as listener, contextlib.ExitStack() as waiting:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):  # the kernel keeps one or two waiting; the next is not answered
            caller = waiting.enter_context(socket.socket())
            caller.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                caller.connect(listener.getsockname())
        time.sleep(0.05)
        yield f"127.0.0.1:{listener.getsockname()[1]}"
