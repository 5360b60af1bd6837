"""The parts of the stand-in that reach out of it: the database behind a question, and the file behind a map."""

from __future__ import annotations

import datetime
import decimal
import json
import re
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

import psycopg

Json = dict[str, Any]


class Refused(Exception):
    """An answer other than success, with Metabase's kind of body: text, or JSON."""

    def __init__(self, status: int, body: str | Json) -> None:
        self.status, self.body = status, body


def connect(details: Json) -> psycopg.Connection[Any]:
    try:
        keys = ("host", "port", "dbname", "user", "password")
        return psycopg.connect(**{key: details[key] for key in keys}, connect_timeout=5)
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


def map_allowed(url: str, external_only: bool) -> None:
    """Metabase's rule for the address of a map file; newer versions refuse private hosts."""
    parts = urlsplit(url)
    private = parts.hostname in ("localhost", "127.0.0.1")
    if parts.scheme not in ("http", "https") or (external_only and private):
        raise Refused(
            400,
            "Invalid GeoJSON file location: must start with http:// or https://. "
            "URLs referring to hosts that supply internal hosting metadata are prohibited.",
        )


def fetch_map(url: str) -> Any:
    """The file as Metabase fetches it: within 8 seconds, through no redirect, of an accepted type."""
    try:
        with urllib.request.build_opener(_NoRedirect).open(url, timeout=8) as answer:
            if answer.headers.get_content_type() not in ("application/json", "application/geo+json", "text/plain"):
                raise Refused(400, "GeoJSON URL returned invalid content-type")
            return json.load(answer)
    except urllib.error.URLError:
        raise Refused(400, "GeoJSON URL failed to load") from None
