"""gov.scot: a collection's page, each edition's page of documents, files under names that are encoded twice."""

from __future__ import annotations

import html
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

from stand_ins.publisher import Exchange, Publisher

COLLECTION = "/collections/childrens-social-work/"


@dataclass
class Document:
    """A supporting document, under the name that people gave it."""

    title: str
    file_name: str
    content: bytes

    def address(self, slug: str) -> str:
        """Where the file is. The name is encoded twice: %2B stands for a space, and only to the letter is it found."""
        name = quote(quote_plus(self.file_name))
        part = self.file_name.rpartition(".")[0].lower().replace(" ", "-")
        return (
            f"/binaries/content/documents/govscot/publications/statistics/2025/04/{slug}/documents/{part}/{part}/"
            f"govscot%3Adocument/{name}"
        )


def speak(publisher: Publisher, editions: dict[str, list[Document]], elsewhere: str = "/about") -> None:
    """A collection at COLLECTION: documents by the slug of their publication. `elsewhere` is linked to."""

    def page(exchange: Exchange) -> None:
        path = exchange.asked.path
        if path == COLLECTION:
            links = "\n".join(f'<li><a href="/publications/{slug}/">{slug}</a>' for slug in editions)
            return _answer(exchange, f'<h1>A collection</h1><ul>{links}</ul><a href="{elsewhere}">About</a>')
        for slug, documents in editions.items():
            if path == f"/publications/{slug}/documents/":
                # The title is broken over elements, as the real page has it.
                links = "\n".join(
                    f'<a href="{each.address(slug)}"><span>{html.escape(each.title)}</span></a>' for each in documents
                )
                return _answer(exchange, f"<h2>Supporting documents</h2>{links}")
            for document in documents:
                if path == document.address(slug):
                    exchange.page.content = document.content
                    exchange.page.media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
                    return exchange.file()
        return exchange.answer(404, b"<!DOCTYPE html><h1>Page not found</h1>", Content_Type="text/html")

    publisher.route(r"/(collections|publications|binaries)/.*", page)


def _answer(exchange: Exchange, body: str) -> None:
    page = f"\n<!doctype html><html><body>{body}</body></html>\n"
    exchange.answer(200, page.encode(), Content_Type="text/html;charset=UTF-8")
