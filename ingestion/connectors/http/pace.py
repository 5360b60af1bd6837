"""Whether an answer makes progress, and whether it is as long as it said.

A read time-out alone is not enough: a server that sends one byte a second never runs into it.
"""

from __future__ import annotations

import contextlib
import ssl
import time
from typing import Any

import httpcore

from promise.catalogue.live import Limits

READ = 1 << 18  # more than the client asks for at once: fewer steps for a large file
END_OF_HEADERS = b"\r\n\r\n"


class Watched(httpcore.NetworkStream):
    """A connection whose reading is held against the rules, from the moment a request was sent."""

    def __init__(self, stream: httpcore.NetworkStream, limits: Limits) -> None:
        self._stream = stream
        self._limits = limits
        self._begin()

    def _begin(self) -> None:
        self._asked = time.monotonic()
        self._stretch: float | None = None  # since when the current stretch is measured; the first byte starts it
        self._in_stretch = 0
        self._received = 0
        self._head: bytes | None = b""

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._begin()
        self._stream.write(buffer, timeout)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        limits = self._limits
        now = time.monotonic()
        left = self._asked + limits.total_seconds - now
        if left <= 0:
            raise httpcore.ReadTimeout(f"the answer was not complete after {limits.total_seconds:g} s")
        if self._stretch is not None and now - self._stretch >= limits.progress_seconds:
            if self._in_stretch < limits.progress_bytes:
                raise httpcore.ReadTimeout(
                    f"only {self._in_stretch:,} bytes came in {limits.progress_seconds:g} s, expected at least "
                    f"{limits.progress_bytes:,}"
                )
            self._stretch, self._in_stretch = now, 0
        data = self._stream.read(max(max_bytes, READ), min(left, timeout) if timeout is not None else left)
        if self._stretch is None:
            self._stretch = time.monotonic()
        self._in_stretch += len(data)
        self._received += len(data)
        if self._head is not None:
            self._head += data[:65_536]
            if END_OF_HEADERS in self._head:
                self._header_bytes = self._head.index(END_OF_HEADERS) + len(END_OF_HEADERS)
                self._head = None
        return data

    def surplus(self, content_length: int) -> int:
        """How many bytes came after the body that was announced; a server that miscounts cuts its own file short."""
        if self._head is not None:
            return 0
        more = self._received - self._header_bytes - content_length
        if more <= 0 and self._stream.get_extra_info("is_readable"):
            with contextlib.suppress(httpcore.ReadTimeout, httpcore.ReadError):
                more = len(self._stream.read(READ, 0.01))
        return max(more, 0)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return Watched(self._stream.start_tls(ssl_context, server_hostname, timeout), self._limits)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
