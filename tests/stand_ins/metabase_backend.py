"""The parts of the stand-in that reach out of it: the database behind a question, and the file behind a map."""

from __future__ import annotations

import datetime
import decimal
import ipaddress
import json
import re
import socket
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

Json = dict[str, Any]
ROUTES: list[tuple[str, re.Pattern[str], str, Callable[..., Any]]] = []


def route(method: str, path: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Answer such calls with the method; a path that is written out goes before one with a part left open."""
    pattern = re.compile("^" + re.sub(r":\w+", r"([^/]+)", path) + "$")

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        ROUTES.append((method, pattern, f"{method} {path}", function))
        return function

    return register


class Refused(Exception):
    """An answer other than success, with Metabase's kind of body: text, or JSON."""

    def __init__(self, status: int, body: str | Json) -> None:
        self.status, self.body = status, body


def connect(details: Json) -> psycopg.Connection[Any]:
    try:
        keys = ("host", "port", "dbname", "user", "password")
        demanded = "require" if details.get("ssl") else "disable"
        return psycopg.connect(**{key: details[key] for key in keys}, sslmode=demanded, connect_timeout=5)
    except psycopg.OperationalError as error:
        raise Refused(400, {"message": f"Could not connect: {error}"}) from None


def tables(details: Json) -> list[Json]:
    """What a sync finds: the tables and views of the schema that the connection is limited to."""
    with connect(details) as conn:
        rows = conn.execute(
            """
            select table_schema, table_name, json_agg(json_build_object('name', column_name))
            from information_schema.columns where table_schema = %s group by 1, 2
            """,
            (details["schema-filters-patterns"],),
        ).fetchall()
    return [{"schema": schema, "name": name, "fields": fields} for schema, name, fields in rows]


def rows(details: Json, query: str, values: Json) -> tuple[list[str], list[Any]]:
    with connect(details) as conn:
        cursor = conn.execute(rendered(query, values).encode(), values)
        return [column.name for column in cursor.description or []], cursor.fetchall()


def rendered(query: str, values: Json) -> str:
    """The query as psycopg takes it: optional parts without a value left out, filters as named parameters."""

    def part(match: re.Match[str]) -> str:
        names = re.findall(r"\{\{\s*(\w+)\s*\}\}", match[1])
        return match[1] if all(name in values for name in names) else ""

    query = re.sub(r"\[\[(.*?)\]\]", part, query.replace("%", "%%"), flags=re.DOTALL)
    missing = [name for name in re.findall(r"\{\{\s*(\w+)\s*\}\}", query) if name not in values]
    if missing:
        raise psycopg.DataError(f"Cannot run the query: missing required parameters: {set(missing)}")
    return re.sub(r"\{\{\s*(\w+)\s*\}\}", r"%(\1)s", query)


def shown(value: Any) -> Any:
    if isinstance(value, decimal.Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, datetime.date | datetime.datetime) else value


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


@dataclass
class MapRules:
    """What a version says of the place of a map file, both when it is saved and when it is fetched."""

    external_only: bool = False  # newer: no private address, whatever name it goes by
    class_path: Path | None = None  # the folder that -Xbootclasspath/a names
    allow_class_path: bool = False  # MB_ALLOW_CLASSPATH_GEOJSON
    addresses: dict[str, str] = field(default_factory=dict)  # of hosts, in place of the resolver

    def check(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https"):
            inside = url.startswith("geojson/custom/") and ".." not in url
            if self.allow_class_path and inside and self._file(url) is not None:
                return
        elif self._host_allowed(parts.hostname or ""):
            return
        where = " or be a relative path to a file on the classpath" if self.allow_class_path else ""
        raise Refused(
            400,
            f"Invalid GeoJSON file location: must start with http:// or https://{where}. "
            "URLs referring to hosts that supply internal hosting metadata are prohibited.",
        )

    def fetch(self, url: str) -> Any:
        """The file as Metabase gets it: from its class path, else within 8 seconds and through no redirect."""
        self.check(url)
        file = self._file(url)
        return json.loads(file.read_text()) if file else fetch_map(url)

    def _file(self, url: str) -> Path | None:
        file = self.class_path / url if self.class_path and "://" not in url else None
        return file if file and file.is_file() else None

    def _host_allowed(self, host: str) -> bool:
        """By the address that the name leads to: another name for a private one is no way round."""
        try:
            address = ipaddress.ip_address(self.addresses.get(host) or socket.getaddrinfo(host, None)[0][4][0])
        except OSError:
            return not self.external_only
        if address.is_link_local or host == "metadata.google.internal":
            return False
        return not (self.external_only and (address.is_private or address.is_loopback))


def fetch_map(url: str) -> Any:
    """The file as Metabase fetches it: within 8 seconds, through no redirect, of an accepted type."""
    try:
        with urllib.request.build_opener(_NoRedirect).open(url, timeout=8) as answer:
            if answer.headers.get_content_type() not in ("application/json", "application/geo+json", "text/plain"):
                raise Refused(400, "GeoJSON URL returned invalid content-type")
            return json.load(answer)
    except urllib.error.URLError:
        raise Refused(400, "GeoJSON URL failed to load") from None
