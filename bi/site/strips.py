"""The geometry of a strip of councils: a row each, by family, with its figure as a dot and its interval as a stroke."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bi.site.charts import LETTER, Tick, scale

ROW, HEAD, TOP, FOOT = 20, 30, 44, 30


@dataclass(frozen=True)
class Peer:
    """A council: its figure, or in words why there is none."""

    name: str
    href: str
    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    text: str


@dataclass(frozen=True)
class Group:
    """Councils that are compared with one another first, and the middle of them where it is known."""

    title: str
    median: Decimal | None
    peers: tuple[Peer, ...]


@dataclass(frozen=True)
class Row:
    """A council as drawn. `x` is None where it has no figure: then its text stands in the row."""

    name: str
    href: str
    y: float
    x: float | None
    low: float | None
    high: float | None
    text: str


@dataclass(frozen=True)
class Family:
    """A group as drawn, with the stroke of its median."""

    title: str
    y: float
    median: float | None
    top: float
    bottom: float
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Drawing:
    """One layout."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    ticks: tuple[Tick, ...]
    families: tuple[Family, ...]
    scotland: float | None
    scotland_x: float  # where its label begins
    scotland_label: str


@dataclass(frozen=True)
class Strip:
    """A strip of councils in both layouts."""

    title: str
    summary: str
    from_zero: bool
    intervals: bool
    medians: bool
    wide: Drawing
    narrow: Drawing


def strip(
    title: str,
    groups: Sequence[Group],
    scotland: tuple[Decimal, str] | None,
    *,
    tick: Callable[[Decimal], str],
    decimals: int | None = None,
    what: str = "councils",
) -> Strip | None:
    """The strip of these councils, or of other groups of people; None when none has a figure.

    `scotland` is the value and the label of the line that all are beside.
    """
    peers = [peer for group in groups for peer in group.peers]
    values = [v for p in peers for v in (p.value, p.low, p.high) if v is not None]
    if not any(p.value is not None for p in peers):
        return None
    if scotland is not None:
        values.append(scotland[0])
    marks = scale(min(values), max(values), decimals)
    known = sorted((p for p in peers if p.value is not None), key=lambda p: (p.value, p.name))
    return Strip(
        title=title,
        summary=f"From {known[0].text} in {known[0].name} to {known[-1].text} in {known[-1].name}; "
        f"{len(known)} of {len(peers)} {what} have a figure.",
        from_zero=marks[0] == 0,
        intervals=any(p.low is not None for p in peers),
        medians=any(g.median is not None for g in groups),
        wide=_draw(680, 224, groups, marks, scotland=scotland, tick=tick),
        narrow=_draw(320, 152, groups, marks, scotland=scotland, tick=tick),
    )


def _draw(
    width: int,
    left: int,
    groups: Sequence[Group],
    marks: list[Decimal],
    *,
    scotland: tuple[Decimal, str] | None,
    tick: Callable[[Decimal], str],
) -> Drawing:
    right = width - 22
    low, high = marks[0], marks[-1]

    def x(value: Decimal) -> float:
        return round(left + (right - left) * float((value - low) / (high - low)), 1)

    families = []
    y = float(TOP)
    for group in groups:
        head = y + HEAD - 10
        y += HEAD
        top = y
        # By figure, the highest first; who has none comes last, by name.
        ordered = sorted(
            group.peers, key=lambda p: (p.value is None, -p.value if p.value is not None else Decimal(0), p.name)
        )
        drawn = []
        for peer in ordered:
            drawn.append(
                Row(
                    name=shortened(peer.name, int((left - 12) / LETTER)),
                    href=peer.href,
                    y=y + ROW / 2,
                    x=None if peer.value is None else x(peer.value),
                    low=None if peer.value is None or peer.low is None else x(peer.low),
                    high=None if peer.value is None or peer.high is None else x(peer.high),
                    text=f"{peer.name}: {peer.text}" if peer.value is not None else peer.text,
                )
            )
            y += ROW
        median = None if group.median is None else x(group.median)
        families.append(Family(group.title, head, median, top, y, tuple(drawn)))
    every = 1 if width > 400 or len(marks) <= 4 else 2
    at = None if scotland is None else x(scotland[0])
    label = "" if scotland is None else scotland[1]
    room = len(label) * LETTER
    return Drawing(
        width=width,
        height=int(y) + FOOT,
        left=left,
        right=right,
        top=TOP,
        bottom=int(y),
        ticks=tuple(Tick(x(m), tick(m)) for m in marks[::every]),
        families=tuple(families),
        scotland=at,
        scotland_x=0.0 if at is None else round(min(max(at - room / 2, 2.0), width - room - 2), 1),
        scotland_label=label,
    )


def shortened(name: str, letters: int) -> str:
    """A name that fits, with an ellipsis where some of it is left out; it stands whole in the table."""
    return name if len(name) <= letters else f"{name[: letters - 1].rstrip()}\N{HORIZONTAL ELLIPSIS}"
