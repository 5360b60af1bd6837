"""The bytes of an answer, unpacked and counted: neither more than allowed, nor fewer or more than announced."""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Iterator

import httpx

from ingestion.connectors.http.pace import Watched
from ingestion.errors import SourceChanged, SourceUnavailable
from ingestion.readers.archive import MOST_RATIO, RATIO_MATTERS_FROM

PIECE = 1 << 20


def decoded(response: httpx.Response, source_id: str, shown: str, most: int, already: int = 0) -> Iterator[bytes]:
    """The body in pieces. `already` is how much of the file is there before this answer.

    Raises SourceChanged for more than `most` bytes or an unknown coding, SourceUnavailable for a body that is not as
    long as its header said.
    """
    announced = length(response)
    if announced is not None and already + announced > most:
        raise _too_large(source_id, shown, already + announced, most)
    coding = response.headers.get("content-encoding", "identity").strip().lower()
    if coding in ("identity", ""):
        pieces: Iterator[bytes] = response.iter_raw()
    elif coding in ("gzip", "x-gzip", "deflate"):
        pieces = _unpacked(response, source_id, shown)
    else:
        raise SourceChanged(
            f"{source_id}: {shown} is sent in the coding {coding!r}, which we did not ask for; expected gzip or none. "
            "Look at the publisher's server, or fetch the file by hand"
        )
    total = already
    for piece in pieces:
        total += len(piece)
        if total > most:
            raise _too_large(source_id, shown, None, most)
        yield piece
    if announced is not None:
        _refuse_surplus(response, source_id, shown, announced)


def length(response: httpx.Response) -> int | None:
    """What Content-Length says, if it says something usable."""
    with contextlib.suppress(KeyError, ValueError):
        return int(response.headers["content-length"])
    return None


def _unpacked(response: httpx.Response, source_id: str, shown: str) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(wbits=47)  # gzip or zlib, by the first bytes
    packed = unpacked = 0
    try:
        for raw in response.iter_raw():
            packed += len(raw)
            rest = raw
            while rest:
                piece = unpacker.decompress(rest, PIECE)
                rest = unpacker.unconsumed_tail
                unpacked += len(piece)
                if unpacked > RATIO_MATTERS_FROM and unpacked > MOST_RATIO * packed:
                    raise SourceChanged(
                        f"{source_id}: {shown} unpacks from {packed:,} to more than {unpacked:,} bytes, over "
                        f"{MOST_RATIO} times its size; it is made to fill the machine, or not a table. Nothing was "
                        "kept. Look at it with care"
                    )
                if piece:
                    yield piece
    except zlib.error as error:
        raise SourceUnavailable(
            f"{source_id}: {shown} is damaged on its way ({error}); expected a whole gzip stream. Nothing to do "
            "unless it lasts"
        ) from error
    if not unpacker.eof:
        raise SourceUnavailable(
            f"{source_id}: {shown} broke off inside its gzip stream, after {packed:,} bytes. Nothing to do unless it "
            "lasts"
        )


def _refuse_surplus(response: httpx.Response, source_id: str, shown: str, announced: int) -> None:
    connection = response.extensions.get("network_stream")
    if isinstance(connection, Watched) and (surplus := connection.surplus(announced)):
        connection.close()
        raise SourceUnavailable(
            f"{source_id}: {shown} announced {announced:,} bytes and sent at least {surplus:,} more; the file would "
            "have been cut short. Nothing to do unless it lasts: then tell the publisher that Content-Length is wrong"
        )


def _too_large(source_id: str, shown: str, size: int | None, most: int) -> SourceChanged:
    has = f"has {size:,} bytes" if size is not None else "goes on after that many bytes"
    return SourceChanged(
        f"{source_id}: {shown} {has}, expected at most {most:,}. Nothing was kept. If the file has grown so far, raise "
        f"`live: limits: max_bytes` in ingestion/sources/{source_id}/source.yml"
    )
