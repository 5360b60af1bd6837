"""ONS Open Geography, layers of ArcGIS feature services: pages of GeoJSON, and errors with status 200."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Literal

from stand_ins.publisher import Exchange, Publisher

LAYER = "/arcgis/rest/services/Local_Authority_Districts/FeatureServer/0"


def speak(
    publisher: Publisher,
    features: Sequence[dict[str, Any]],
    at_most: int = 1000,
    flag: Literal["properties", "top"] = "properties",
    lost: int = 0,
) -> None:
    """The layer at LAYER. It gives no more than so many features at once, and says in one of two places that there are
    more; each feature is a whole one of GeoJSON. Of those that it counts it may lose the last without a word."""

    def query(exchange: Exchange) -> None:
        asked = exchange.asked.query
        if asked.get("returnCountOnly") == "true":
            counted = json.dumps({"count": len(features) + lost}).encode()
            return exchange.answer(200, counted, Content_Type="application/json")
        fields = asked["outFields"].split(",")
        if unknown := [name for name in fields if features and name not in features[0]["properties"]]:
            return error(exchange, 400, "Invalid query", f"'Invalid field: {unknown[0]}' parameter is invalid")
        start, count = int(asked["resultOffset"]), min(int(asked["resultRecordCount"]), at_most)
        page = [
            each | {"properties": {name: each["properties"][name] for name in fields}}
            for each in features[start : start + count]
        ]
        body: dict[str, Any] = {"type": "FeatureCollection", "features": page}
        if start + count < len(features):
            said = {"exceededTransferLimit": True}
            body |= {"properties": said} if flag == "properties" else said
        return exchange.answer(200, json.dumps(body).encode(), Content_Type="application/geo+json")

    def about(exchange: Exchange) -> None:
        fields = [{"name": name} for name in (features[0]["properties"] if features else [])]
        exchange.answer(200, json.dumps({"fields": fields}).encode(), Content_Type="application/json")

    publisher.page(f"{LAYER}/query", behaviour=query)
    publisher.page(LAYER, behaviour=about)


def error(exchange: Exchange, code: int, message: str, *details: str) -> None:
    """An error as these services tell it: the status says success."""
    body = {"error": {"code": code, "message": message, "details": list(details) or None}}
    exchange.answer(200, json.dumps(body).encode(), Content_Type="application/json")
