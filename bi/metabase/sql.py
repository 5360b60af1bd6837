"""Reading a question's SQL: which filters it takes, and whether it keeps to `marts`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bi.marts import tables

TAG = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_RELATION = re.compile(r"\b(?:from|join)\s+(?!lateral\b)([a-z_][\w.]*)")
_COMMON_TABLE = re.compile(r"(?:\bwith|,)\s+([a-z_]\w*)\s+as\s+\(")
_OTHER_SCHEMA = re.compile(
    r"\b(?:raw|ops|staging|intermediate|methods|release_\w+|public|pg_catalog|information_schema)\s*\."
)


def tags(query: str) -> set[str]:
    """The names written as `{{name}}`."""
    return set(TAG.findall(query))


def parametrised(query: str, values: Mapping[str, object]) -> str:
    """The query as psycopg takes it: optional parts without a value left out, the filters as named parameters."""

    def part(match: re.Match[str]) -> str:
        return match[1] if tags(match[1]) <= set(values) else ""

    return TAG.sub(r"%(\1)s", re.sub(r"\[\[(.*?)\]\]", part, query.replace("%", "%%"), flags=re.DOTALL))


def faults(query: str) -> list[str]:
    """What keeps a query from being a question of ours, in words. Empty when it may be provisioned.

    The rules are narrower than SQL on purpose: lower case and qualified names are easy to read and to check. The
    reader role enforces `marts` a second time in the database; this finds the mistake before Metabase is asked.
    """
    texts = []
    own = set(_COMMON_TABLE.findall(query))
    for name in _RELATION.findall(query):
        if not name.startswith("marts.") and name not in own:
            texts.append(f"reads {name}; only tables written as marts.<name> may be read")
    if outside := sorted({match.group().rstrip(" .") for match in _OTHER_SCHEMA.finditer(query)}):
        texts.append(f"names the schema {', '.join(outside)}; questions see marts alone, never a release or a layer")
    if not tables(query):
        texts.append("reads no table of marts (keywords are written in lower case)")
    if ";" in query:
        texts.append("has a semicolon; a question is one statement without its end")
    if "?" in query:
        texts.append("has a question mark, which Metabase's driver takes for a parameter")
    for tag in sorted(tags(query)):
        # A filter nobody has touched must not break the question, nor the check that runs each question once.
        if not re.search(r"\[\[(?:(?!\]\]).)*\{\{\s*" + tag + r"\s*\}\}(?:(?!\]\]).)*\]\]", query, re.DOTALL):
            texts.append(f"uses {{{{{tag}}}}} outside [[ ]]; every filter is optional")
    return texts
