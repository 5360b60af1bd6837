"""The framework's dashboard: visions, outcomes, and a page an indicator, in the loose HTML of the real one.

Links are relative and absolute, with and without a slash at the end; cells and list items are left open; other sites
are linked to, and a script holds what looks like a cell.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from stand_ins.publisher import Exchange, Publisher

BASE = "/story/dashboard"


@dataclass
class Indicator:
    """An indicator's page: where it stands, and the table on it, headings first."""

    slug: str
    title: str
    table: list[list[str]]
    vision: str = "education"
    statement: str = "three"
    outcome: str = "one"
    notes: dict[str, str] = field(default_factory=dict)

    @property
    def above(self) -> str:
        """The path of its outcome's page."""
        return f"{BASE}/{self.vision}/outcome-{self.outcome}"

    @property
    def path(self) -> str:
        return f"{self.above}/{self.slug}"

    def page(self) -> str:
        """Its HTML."""
        header, first, *others = self.table
        rows = "<tr>" + "".join(f"<td>{cell}</td>" for cell in first) + "</tr>"
        rows += "".join("<tr>" + "".join(f"<td>{cell}" for cell in row) + "</tr>" for row in others)
        head = "".join(f"<th>{heading}</th>" for heading in header)
        notes = "\n".join(f"<li><b>{label}</b>:&nbsp;{said}" for label, said in self.notes.items())
        return (
            f'<nav><a href="/">Home</a> <a href="{BASE}">Dashboard</a></nav><p>Vision statement {self.statement}</p>'
            f'<h1>{self.title}</h1><script>var table = "<td>not this</td>";</script>'
            f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table><h2>Notes</h2><ul>{notes}</ul>"
        )


def speak(
    publisher: Publisher,
    indicators: list[Indicator],
    gaps: dict[str, str] | None = None,
    elsewhere: str = "https://elsewhere.example",
) -> None:
    """The dashboard at BASE. `gaps`: what an outcome's page says instead, by its path. `elsewhere` is linked to."""

    def play(exchange: Exchange) -> None:
        body = _pages(indicators, gaps or {}, elsewhere).get(exchange.asked.path.rstrip("/"))
        if body is None:
            return exchange.answer(404, b"<!DOCTYPE html><h1>Page not found</h1>", Content_Type="text/html")
        page = f"\n<!doctype html><html><body>{body}</body></html>\n"
        return exchange.answer(200, page.encode(), Content_Type="text/html")

    publisher.route(rf"{BASE}(/.*)?", play)


def _pages(indicators: list[Indicator], gaps: dict[str, str], elsewhere: str) -> dict[str, str]:
    """What stands at each path."""
    outcomes = sorted({each.above for each in indicators} | gaps.keys())
    visions = sorted({path.rpartition("/")[0] for path in outcomes})
    under = BASE.rpartition("/")[0]
    front = [f'<a href="{path.removeprefix(f"{under}/")}/">A vision</a>' for path in visions]
    pages = {BASE: "".join([*front, f'<a href="{elsewhere}{BASE}/x">Elsewhere</a><a href="/other">Other</a>'])}
    for vision in visions:
        here = [path for path in outcomes if path.startswith(f"{vision}/")]
        pages[vision] = "".join(f'<a href="{path}?tab=1#top">An outcome</a>' for path in here)
    for outcome in outcomes:
        here = [each for each in indicators if each.above == outcome]
        links = [f'<a href="{outcome.rpartition("/")[2]}/{each.slug}">{each.title}</a>' for each in here]
        pages[outcome] = "".join([*links, f"<p>{gaps.get(outcome, '')}</p>", '<a href="..">Up</a>'])
    return pages | {each.path: each.page() for each in indicators}
