"""From specs to the bodies of Metabase's API, and back from its answers to something comparable. No calls here.

`ours` is what the specs say, `theirs` what Metabase has. Only keys that Metabase declares are sent, and an answer is
never sent back: undeclared keys are dropped today and refused by newer versions. Questions are written, and
read with `legacy-mbql`, in the shape that all versions share.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from bi.metabase.model import (
    Card,
    Click,
    Dashboard,
    DashboardFilter,
    General,
    Heading,
    Line,
    PlacedCard,
    RegionMap,
    Row,
    Scalar,
    Table,
)

Json = dict[str, Any]
Offer = tuple[str, str]  # what a filter is compared with, and what people read
Offers = Mapping[str, Sequence[Offer]]  # by the key of the choices
# Where our key stands in what Metabase lets people put anything into, and gives back. By it a thing of ours is known
# when the numbers that we kept are lost; an `entity_id` that a body names is thrown away.
MARK = "promise.key"


def mark(theirs: Json) -> str | None:
    """Our key of a question; of a dashboard, from the first of its places that has one."""
    for item in (theirs, *theirs.get("dashcards", [])):
        if key := (item.get("visualization_settings") or {}).get(MARK):
            return str(key)
    return None


def short_id(*path: str) -> str:
    """A stable id for a filter: eight hexadecimal digits, as Metabase makes them."""
    return hashlib.sha256("/".join(path).encode()).hexdigest()[:8]


def database(general: General, connection: Json) -> Json:
    """The warehouse as the reader sees it: `marts` and nothing else."""
    return {
        "name": general.database.name,
        "engine": "postgres",
        "details": {
            **connection,
            "schema-filters-type": "inclusion",
            "schema-filters-patterns": general.database.schema_,
        },
    }


def same_database(ours: Json, theirs: Json) -> bool:
    """Whether the connection is as it should be. The password cannot be compared: Metabase does not show it.

    TLS that nobody demands is tried first by Metabase, and kept where it works: then it stays.
    """
    details = theirs.get("details") or {}
    return theirs.get("name") == ours["name"] and all(
        details.get(key) == value or (key == "ssl" and details.get(key) is True)
        for key, value in ours["details"].items()
        if key != "password"
    )


def collection(general: General) -> Json:
    return {"name": general.collection.name, "description": one_line(general.collection.description)}


def same_collection(ours: Json, theirs: Json) -> list[str]:
    """The keys in which the collection differs; `parent_id` when it was moved, `archived` when it is in the bin."""
    moved = ["parent_id"] if theirs.get("location", "/") != "/" else []
    return [*_differing(ours, theirs), *moved, *(["archived"] if theirs.get("archived") else [])]


def region(general: General, url: str) -> Json:
    """Our entry in the custom GeoJSON. Exactly these keys are allowed."""
    place = general.map
    return {"name": place.name, "url": url, "region_key": place.region_key, "region_name": place.region_name}


def card(item: Card, general: General, *, database_id: int, collection_id: int, with_map: bool) -> Json:
    """A question, with our key among its settings."""
    display, settings = look(item, general, with_map)
    tags = {
        take.id: {"id": short_id(item.id, take.id), "name": take.id, "display-name": take.name, "type": "text"}
        for take in item.filters
    }
    return {
        "name": item.name,
        "description": one_line(item.description),
        "type": "question",
        "display": display,
        "collection_id": collection_id,
        "dataset_query": {
            "type": "native",
            "database": database_id,
            "native": {"query": item.sql.strip(), "template-tags": tags},
        },
        "visualization_settings": {**settings, MARK: item.id},
    }


def look(item: Card, general: General, with_map: bool) -> tuple[str, Json]:
    """How a question is drawn: Metabase's name of the display, and its settings."""
    match item.display:
        case Table(columns=columns):
            painted = [
                {
                    **{"columns": [column.name], "type": "single", "operator": "=", "value": words},
                    **{"color": colour, "highlight_row": False},
                }
                for column in columns
                if column.palette is not None
                for words, colour in general.palettes[column.palette].items()
            ]
            return "table", {
                "table.columns": [{"name": column.name, "enabled": True} for column in columns],
                "column_settings": {
                    f'["name","{column.name}"]': {
                        "column_title": column.title,
                        **({} if column.decimals is None else {"decimals": column.decimals}),
                    }
                    for column in columns
                },
                **({"table.column_formatting": painted} if painted else {}),
            }
        case Scalar(value=value):
            return "scalar", {"scalar.field": value}
        case Row(label=label, value=value):
            return "row", {"graph.dimensions": [label], "graph.metrics": [value], "graph.show_values": True}
        case Line(x=x, y=y, series=series):
            return "line", {
                "graph.dimensions": [x, series],
                "graph.metrics": [y],
                "graph.show_values": True,
                "graph.y_axis.unpin_from_zero": True,
            }
        case RegionMap(region=code, label=label, value=value, colours=colours):
            if not with_map:
                return "row", {"graph.dimensions": [label], "graph.metrics": [value], "graph.show_values": True}
            return "map", {
                "map.type": "region",
                "map.region": general.map.key,
                "map.dimension": code,
                "map.metric": value,
                "map.colors": list(colours),
            }


def same_card(ours: Json, theirs: Json) -> list[str]:
    """The keys in which a question differs from what it should be; `archived` when somebody has put it away."""
    query = theirs.get("dataset_query") or {}
    native = query.get("native") or {}
    comparable = {
        **{key: theirs.get(key) for key in ours},
        "dataset_query": {
            "type": query.get("type"),
            "database": query.get("database"),
            "native": {"query": native.get("query"), "template-tags": native.get("template-tags") or {}},
        },
    }
    return [*_differing(ours, comparable), *(["archived"] if theirs.get("archived") else [])]


def parameters(board: Dashboard, offers: Offers) -> list[Json]:
    """The filters of a dashboard with what they offer. One value at a time: the questions compare with `=`."""
    return [
        {
            "id": short_id(board.id, item.id),
            "name": item.name,
            "slug": item.id,
            "type": "string/=",
            "sectionId": "string",
            "isMultiSelect": False,
            "values_query_type": "list",
            "values_source_type": "static-list",
            "values_source_config": {"values": [list(offer) for offer in offers[item.choices]]},
            "default": [chosen] if (chosen := opening(item, offers)) is not None else None,
        }
        for item in board.filters
    ]


def opening(item: DashboardFilter, offers: Offers) -> str | None:
    """What a filter is on when its dashboard is opened: nothing where what the spec names is not on offer."""
    offered = [value for value, _ in offers[item.choices]]
    if item.opens_on == "the first":
        return next(iter(offered), None)
    return item.opens_on if item.opens_on in offered else None


def canvas(
    board: Dashboard,
    card_ids: Mapping[str, int],
    collection_id: int,
    theirs: Json | None,
    *,
    offers: Offers,
    board_ids: Mapping[str, int],
) -> Json:
    """The whole dashboard: what is not in it, Metabase deletes. Ids of what is already in its place are kept.

    `board_ids` are those of the dashboards to which a click leads.
    """
    names = [tab.name for tab in board.tabs] if len(board.tabs) > 1 else []
    known_tabs = {tab["name"]: tab["id"] for tab in (theirs or {}).get("tabs") or []}
    tabs = [{"id": known_tabs.get(name, -1 - index), "name": name} for index, name in enumerate(names)]
    tab_ids = [tab["id"] for tab in tabs] or [None]
    dashcards = [
        {**_dashcard(item, board, card_ids, board_ids), "dashboard_tab_id": tab_id}
        for tab_id, tab in zip(tab_ids, board.tabs, strict=True)
        for item in tab.items
    ]
    _keep_ids(dashcards, (theirs or {}).get("dashcards") or [])
    return {
        "name": board.name,
        "description": one_line(board.description),
        "collection_id": collection_id,
        "width": "full",
        "parameters": parameters(board, offers),
        "tabs": tabs,
        "dashcards": dashcards,
    }


def same_dashboard(ours: Json, theirs: Json) -> list[str]:
    """The keys in which a dashboard differs from what it should be."""
    shape = ours["dashcards"][0].keys()
    cards = [{key: item.get(key) for key in shape} for item in theirs.get("dashcards") or []]
    comparable = {
        **{key: theirs.get(key) for key in ours},
        "parameters": theirs.get("parameters") or [],
        "tabs": [{"id": tab["id"], "name": tab["name"]} for tab in theirs.get("tabs") or []],
        "dashcards": sorted(cards, key=_place),
    }
    differing = _differing({**ours, "dashcards": sorted(ours["dashcards"], key=_place)}, comparable)
    return [*differing, *(["archived"] if theirs.get("archived") else [])]


def taken_off(ours: Json, theirs: Json) -> list[str]:
    """What somebody put on a dashboard and the canvas takes off: the questions' names, and how many other things."""
    kept = {dashcard["id"] for dashcard in ours["dashcards"]}
    lost = [
        dashcard
        for dashcard in theirs.get("dashcards") or []
        if dashcard["id"] not in kept and MARK not in (dashcard.get("visualization_settings") or {})
    ]
    names = sorted(str((dashcard.get("card") or {}).get("name")) for dashcard in lost if dashcard.get("card_id"))
    others = len(lost) - len(names)
    return [*names, *([f"{others} without a question"] if others else [])]


def one_line(text: str) -> str:
    return " ".join(text.split())


def _dashcard(
    item: Heading | PlacedCard, board: Dashboard, card_ids: Mapping[str, int], board_ids: Mapping[str, int]
) -> Json:
    place = {"row": item.row, "col": item.column, "size_x": item.width, "size_y": item.height}
    if isinstance(item, Heading):
        words = {"virtual_card": {"display": "heading"}, "text": item.heading, MARK: board.id}
        return {"card_id": None, **place, "parameter_mappings": [], "visualization_settings": words}
    card_id = card_ids[item.card]
    mappings = [
        {
            "parameter_id": short_id(board.id, offered),
            "card_id": card_id,  # without it Metabase ignores the filter and says nothing (metabase#77693)
            "target": ["variable", ["template-tag", taken]],
        }
        for taken, offered in item.filters.items()
    ]
    settings: Json = {MARK: board.id}
    if item.click is not None:
        settings["click_behavior"] = _click(item.click, board_ids)
    return {"card_id": card_id, **place, "parameter_mappings": mappings, "visualization_settings": settings}


def _click(click: Click, board_ids: Mapping[str, int]) -> Json:
    passed = {short_id(click.dashboard, taken): column for column, taken in click.passes.items()}
    return {
        "type": "link",
        "linkType": "dashboard",
        "targetId": board_ids[click.dashboard],
        "parameterMapping": {
            parameter: {
                "id": parameter,
                "source": {"type": "column", "id": column, "name": column},
                "target": {"type": "parameter", "id": parameter},
            }
            for parameter, column in passed.items()
        },
    }


def _keep_ids(dashcards: list[Json], theirs: list[Json]) -> None:
    """Give each dashcard the id of the one that it replaces, else a new one (below zero), so that links survive.

    First what stands in its place, then what shows the same question and was dragged somewhere else.
    """
    left = list(theirs)
    for same in (_same_place, _same_question):
        for dashcard in dashcards:
            match = next((other for other in left if "id" not in dashcard and same(dashcard, other)), None)
            if match is not None:
                dashcard["id"] = match["id"]
                left.remove(match)
    for index, dashcard in enumerate(dashcards):
        dashcard.setdefault("id", -100 - index)


def _same_place(one: Json, other: Json) -> bool:
    return _place(one) == _place(other)


def _same_question(one: Json, other: Json) -> bool:
    return one["card_id"] is not None and one["card_id"] == other.get("card_id")


def _place(item: Json) -> tuple[int, int, int, int]:
    """Where a dashcard stands and what it shows; two in one place cannot be."""
    return (item.get("dashboard_tab_id") or 0, item["row"], item["col"], item.get("card_id") or 0)


def _differing(ours: Json, theirs: Json) -> list[str]:
    return [key for key, value in ours.items() if _like(value, theirs.get(key)) != value]


def _like(ours: Any, theirs: Any) -> Any:
    """What Metabase shows, without the keys that it added with nothing in them; anything else counts as a change."""
    if isinstance(ours, dict):
        given = theirs or {}
        return {key: _like(ours.get(key), value) for key, value in given.items() if key in ours or value}
    if isinstance(ours, list):
        given = theirs or []
        return [_like(one, other) for one, other in zip(ours, given, strict=True)] if len(ours) == len(given) else given
    return theirs
