"""Where a source may connect to. Neither a redirect nor a name's addresses lead anywhere else.

A name is resolved by us, every address is judged, and the connection goes to the address that was judged: a name that
answers differently the second time gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable, Sequence
from typing import Any

import httpcore
import httpx

from ingestion.connectors.http.pace import Watched
from ingestion.errors import SourceChanged, SourceUnavailable
from promise.catalogue.live import LOOPBACK, Limits

USUAL_PORTS = {"https": 443, "http": 80}


def resolve(host: str, port: int) -> list[str]:
    """Every address of a name. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Allowed:
    """The hosts of one source."""

    def __init__(self, source_id: str, hosts: Sequence[str]) -> None:
        self._source_id = source_id
        self._hosts = set(hosts)

    def check(self, url: httpx.URL, shown: str, via: str | None = None) -> None:
        """Raises SourceChanged for an address that is not on the list, or not encrypted on its way."""
        host = url.host if url.port is None else f"{url.host}:{url.port}"
        sent = f"{via} sends us to {shown}" if via else shown
        if host not in self._hosts:
            raise SourceChanged(
                f"{self._source_id}: {sent}, and {host} is not among the hosts of this source "
                f"({', '.join(sorted(self._hosts))}). If the publisher moved there, add it to `live: hosts` in "
                f"ingestion/sources/{self._source_id}/source.yml and correct the address"
            )
        if url.scheme != "https" and not (url.scheme == "http" and LOOPBACK.match(url.host)):
            raise SourceChanged(
                f"{self._source_id}: {sent}, which is not encrypted; expected https. Look at the publisher's page and "
                "correct the address"
            )

    def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a host. Raises SourceUnavailable when the name has none, SourceChanged for a private one."""
        try:
            found = resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise SourceUnavailable(
                f"{self._source_id}: the name {host} could not be resolved ({error}). Is this machine connected, and "
                "is the name still right?"
            ) from error
        if not LOOPBACK.match(host) and (inside := [each for each in found if not is_public(each)]):
            raise SourceChanged(
                f"{self._source_id}: the name {host} leads to {', '.join(inside)}, an address inside a private network "
                "or this machine; expected a public one. Nothing was asked there. Find out who answers for that name "
                "on this network"
            )
        return found


def is_public(address: str) -> bool:
    """Whether an address is on the public internet, also when it wraps one of the older kind."""
    parsed: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        wrapped = [parsed.ipv4_mapped, parsed.sixtofour, *(parsed.teredo or ())]
        if parsed in ipaddress.IPv6Network("64:ff9b::/96"):  # an older address on a network that only has newer ones
            wrapped.append(ipaddress.IPv4Address(parsed.packed[-4:]))
        if parsed.ipv4_mapped is not None or any(each is not None and not each.is_global for each in wrapped):
            return parsed.ipv4_mapped is not None and parsed.ipv4_mapped.is_global
    return parsed.is_global and not parsed.is_multicast


class Backend(httpcore.NetworkBackend):
    """Connections to judged addresses only, each of them watched for progress."""

    def __init__(self, allowed: Allowed, limits: Limits) -> None:
        self._allowed = allowed
        self._limits = limits
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failed: Exception | None = None
        for address in self._allowed.addresses(host, port):
            try:
                stream = self._sockets.connect_tcp(address, port, timeout, local_address, socket_options)
                return Watched(stream, self._limits)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed or httpcore.ConnectError(f"{host} has no address")

    def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        raise httpcore.ConnectError("a publisher is never on a Unix socket")
