"""The Care Inspectorate's register: a page of statistics that links to the month's file, in Windows-1252.

Both parts of the file's address change each month.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from urllib.parse import quote

from stand_ins.publisher import Exchange, Publisher

STATISTICS = "/publications-statistics"


@dataclass
class Register:
    """The register of a month, headings first."""

    rows: list[list[str]]
    month: str = "30 June 2024"
    number: int = 7669
    encoding: str = "cp1252"

    @property
    def address(self) -> str:
        return f"/images/documents/{self.number}/{quote(f'MDSF_data_{self.month}.csv')}"

    @property
    def content(self) -> bytes:
        text = io.StringIO(newline="")
        csv.writer(text).writerows(self.rows)
        return text.getvalue().encode(self.encoding)


def speak(publisher: Publisher, register: Register, elsewhere: str = "/about") -> None:
    """The page at STATISTICS and the file that it links to now. `elsewhere` is linked to, too."""

    def page(exchange: Exchange) -> None:
        link = f'<a href="{register.address}">Datastore as at {register.month}</a>'
        body = f'<html><body>{link}<a href="{elsewhere}">About</a></body></html>'
        exchange.answer(200, body.encode(), Content_Type="text/html")

    def file(exchange: Exchange) -> None:
        if exchange.asked.path != register.address:
            return exchange.answer(404, b"<!DOCTYPE html><h1>Not found</h1>", Content_Type="text/html")
        exchange.page.content = register.content
        return exchange.file()

    publisher.page(STATISTICS, behaviour=page)
    publisher.route(r"/images/documents/.*", file)
