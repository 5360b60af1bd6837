"""DWP Stat-Xplore: a posted question with a key, an answer nested by dimension, an allowance that headers count down.

*Not modified* by ETag is free. The allowance's end is a time in milliseconds.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stand_ins.publisher import Exchange, Publisher

TABLE = "/webapi/rest/v1/table"
ALLOWANCE = 2000  # requests an hour, by the publisher's page
HOUR = 3600
TOTAL = "Total"


@dataclass
class Account:
    """Whose key it is, and what is left of the allowance until when."""

    key: str
    left: int = ALLOWANCE
    resets_at: float = field(default_factory=lambda: time.time() + HOUR)

    def renew(self) -> None:
        """A new hour begins with a new allowance."""
        if time.time() >= self.resets_at:
            self.left, self.resets_at = ALLOWANCE, time.time() + HOUR

    @property
    def headers(self) -> dict[str, str]:
        return {
            "X_RateLimit": str(ALLOWANCE), "X_RateLimit_Remaining": str(self.left),
            "X_RateLimit_Reset": str(int(self.resets_at * 1000)),
        }  # fmt: skip


def speak(publisher: Publisher, account: Account, body: Mapping[str, Any], table: dict[str, Any]) -> None:
    """One table, for who asks for it in these words."""

    def play(exchange: Exchange) -> None:
        if exchange.asked.headers.get("apikey") != account.key:
            return exchange.answer(401)
        if exchange.asked.method != "POST" or json.loads(exchange.asked.body) != body:
            return exchange.answer(400, b'{"message": "Invalid query"}', Content_Type="application/json")
        account.renew()
        exchange.page.content = json.dumps(table).encode()
        if exchange.asked.headers.get("if-none-match") != exchange.page.tag:
            if not account.left:
                return exchange.answer(429, b'{"message": "Rate limit exceeded"}', **account.headers)
            account.left -= 1
        return exchange.file(**account.headers)

    publisher.page(TABLE, media_type="application/json", behaviour=play)


def cube(body: Mapping[str, Any], measure: str, fields: Mapping[str, list[str]], values: list[Any]) -> dict[str, Any]:
    """The answer to a question: labels by dimension, and values nested in their order. A total has no address."""
    (uri,) = body["measures"]
    return {
        "query": dict(body),
        "database": {"id": body["database"], "label": "Made up for tests"},
        "measures": [{"uri": uri, "label": measure}],
        "fields": [
            {"uri": f"str:field:{label}", "label": label, "items": [_item(label, each) for each in items]}
            for label, items in fields.items()
        ],
        "cubes": {uri: {"values": values, "precision": 0}},
        "annotationMap": {},
    }


def _item(field: str, label: str) -> dict[str, Any]:
    if label == TOTAL:
        return {"type": "Total", "labels": [label]}
    return {"type": "RecodeItem", "labels": [label], "uris": [f"str:value:{field}:{label}"]}
