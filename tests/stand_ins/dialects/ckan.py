"""opendata.nhs.scot, a portal of CKAN 3: answers in an envelope, refusals with `success: false`, dumps of tables."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from stand_ins.publisher import Exchange, Publisher

JSON = {"Content_Type": "application/json;charset=utf-8"}


@dataclass
class Resource:
    """A table of a dataset. The first row is its headings."""

    id: str
    name: str
    rows: list[list[str]] = field(default_factory=list)
    created: str = "2020-01-01T00:00:00"
    last_modified: str | None = None
    file_name: str = "figures.csv"
    lost: int = 0  # records that the portal counts and its dump does not give
    elsewhere: str | None = None  # the address that the portal gives for the uploaded file, if not its own
    counts: bool = True  # whether the portal says how many there are

    @property
    def upload(self) -> str:
        """The path of the file as it was uploaded."""
        return f"/dataset/a-dataset/resource/{self.id}/download/{quote(self.file_name)}"

    @property
    def dump(self) -> str:
        return f"/datastore/dump/{self.id}"


def refusal(error: dict[str, Any]) -> bytes:
    """What CKAN says instead of a result, in its own kind of error."""
    return json.dumps({"help": "…", "success": False, "error": error}).encode()


def speak(publisher: Publisher, datasets: dict[str, list[Resource]]) -> None:
    """Datasets by name. What a test changes in them shows in the next answer."""

    def package_show(exchange: Exchange) -> None:
        asked = exchange.asked.query.get("id")
        if not asked:
            missing = {"__type": "Validation Error", "name_or_id": ["Missing value"]}
            return exchange.answer(409, refusal(missing), **JSON)
        if asked not in datasets:
            return exchange.answer(404, refusal({"__type": "Not Found Error", "message": "Not found"}), **JSON)
        resources = [_described(publisher, each) for each in datasets[asked]]
        body = {"help": "…", "success": True, "result": {"id": asked, "name": asked, "resources": resources}}
        return exchange.answer(200, json.dumps(body).encode(), **JSON)

    def file(exchange: Exchange) -> None:
        for resource in (each for resources in datasets.values() for each in resources):
            if exchange.asked.path == resource.dump:
                header, *rows = resource.rows
                exchange.page.content = _csv([["_id", *header], *([str(n), *row] for n, row in enumerate(rows, 1))])
                return exchange.file()
            if exchange.asked.path == resource.upload:
                exchange.page.content = _csv(resource.rows)
                return exchange.file()
        return exchange.answer(404, b"Resource not found")

    def datastore_search(exchange: Exchange) -> None:
        asked = exchange.asked.query
        found = [each for resources in datasets.values() for each in resources if each.id == asked["resource_id"]]
        if not found or not found[0].counts:
            return exchange.answer(404, refusal({"__type": "Not Found Error", "message": "Not found"}), **JSON)
        total = max(len(found[0].rows) - 1, 0) + found[0].lost
        body = {"help": "…", "success": True, "result": {"records": [], "limit": int(asked["limit"]), "total": total}}
        return exchange.answer(200, json.dumps(body).encode(), **JSON)

    publisher.page("/api/3/action/package_show", behaviour=package_show)
    publisher.page("/api/3/action/datastore_search", behaviour=datastore_search)
    publisher.route(r"/datastore/dump/.*|/dataset/.*/download/.*", file)


def _described(publisher: Publisher, resource: Resource) -> dict[str, Any]:
    return {
        "id": resource.id, "name": resource.name, "created": resource.created, "format": "CSV",
        "last_modified": resource.last_modified, "size": len(_csv(resource.rows)),
        "url": resource.elsewhere or publisher.url(resource.upload),
    }  # fmt: skip


def _csv(rows: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
