"""The Data Map as DCAT-AP 3, for other catalogues: JSON-LD of the datasets with which the map begins.

Addresses are relative to the file, wherever the site is served from. Everything that a class is promised of carries its
type, so that the file is understood without fetching another vocabulary. What nobody has said is left out, never blank.
"""

from __future__ import annotations

import json
from typing import Any

from bi.site import rows
from bi.site.queries import Marts
from bi.site.view.common import Content
from bi.site.view.data_map import holders, page_of, title_in
from promise.catalogue.returns import vocabularies

FILE_NAME = "dcat-ap.jsonld"
CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
SCOTLAND = "http://publications.europa.eu/resource/authority/atu/GBR_SCT"
THEMES = "http://publications.europa.eu/resource/authority/data-theme"
ENGLISH = "http://publications.europa.eu/resource/authority/language/ENG"
Node = dict[str, Any]


def text(marts: Marts) -> str:
    """The file's content, the same bytes for the same release."""
    return json.dumps(catalogue(marts), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def catalogue(marts: Marts) -> Node:
    """The catalogue with its datasets as one JSON-LD document."""
    content = Content(marts)
    return {
        "@context": CONTEXT,
        "@id": "../data-map.html",
        "@type": "dcat:Catalog",
        "dct:title": _said("Data Map: data about Scotland's children, young people and families"),
        "dct:description": _said(
            "Who holds which data about children, young people and families in Scotland, by what public pages say. "
            "Descriptions of data alone; nothing from inside any of them."
        ),
        "dct:publisher": {"@id": "../index.html#publisher", "@type": "foaf:Agent", "foaf:name": _said("this project")},
        "dct:language": {"@id": ENGLISH, "@type": "dct:LinguisticSystem"},
        "dct:modified": _day(marts.release.released_at.date().isoformat()),
        "dct:spatial": {"@id": SCOTLAND, "@type": "dct:Location"},
        "dcat:themeTaxonomy": {"@id": THEMES, "@type": "skos:ConceptScheme", "dct:title": _said("Data theme")},
        "foaf:homepage": {"@id": "../data-map.html#datasets", "@type": "foaf:Document"},
        "dcat:dataset": [_dataset(content, row) for row in marts.datasets if row.is_in_front],
    }


def _dataset(content: Content, row: rows.Dataset) -> Node:
    held_by = holders(content, row)
    node: Node = {
        "@id": f"../{page_of(row)}",
        "@type": "dcat:Dataset",
        "dct:identifier": row.dataset_id,
        "dct:title": _said(row.title),
        "dct:description": _said(row.description or _in_a_sentence(row, held_by)),
        "dcat:theme": _themes(row),
        "dct:spatial": {"@id": SCOTLAND, "@type": "dct:Location"},
        "dcat:keyword": [_said(title_in("population", each)) for each in row.population if each != "other"],
    }
    # One publisher is allowed. Where several hold it, each is a creator and none is picked.
    agents = [
        {"@id": f"../organisations/{o}.html", "@type": "foaf:Agent", "foaf:name": _said(name)}
        for o, name in zip(row.organisation_ids, held_by, strict=False)
    ]
    if len(agents) == 1:
        node["dct:publisher"] = agents[0]
    elif agents:
        node["dct:creator"] = agents
    if row.url:
        node["dcat:landingPage"] = {"@id": row.url, "@type": "foaf:Document"}
    if frequency := _address("frequency", row.frequency):
        node["dct:accrualPeriodicity"] = {"@id": frequency, "@type": "dct:Frequency"}
    if access := _address("access_rights", row.access_rights):
        node["dct:accessRights"] = {"@id": access, "@type": "dct:RightsStatement"}
    if row.period_from:
        node["dct:temporal"] = {"@type": "dct:PeriodOfTime", "dcat:startDate": _day(row.period_from.isoformat())} | (
            {"dcat:endDate": _day(row.period_to.isoformat())} if row.period_to else {}
        )
    if row.contact_role:
        node["dcat:contactPoint"] = {"@type": "vcard:Kind", "vcard:fn": row.contact_role}
    if row.access_rights == "public" and row.url:
        node["dcat:distribution"] = {
            "@type": "dcat:Distribution",
            "dcat:accessURL": {"@id": row.url, "@type": "rdfs:Resource"},
        }
    return {name: value for name, value in node.items() if value}


def _in_a_sentence(row: rows.Dataset, held_by: tuple[str, ...]) -> str:
    """What it is, of its fields: a description is asked for, and not every page gives one."""
    about = row.population_words or ", ".join(title_in("population", each).lower() for each in row.population)
    parts = [
        title_in("dataset_kind", row.kind) or "Data",
        f"about {about}" if about else "",
        f"held by {' and '.join(held_by)}" if held_by else "",
        f"one record is: {row.unit_of_record}" if row.unit_of_record else "",
        f"period: {row.period_words}" if row.period_words else "",
    ]
    return "; ".join(part for part in parts if part) + "."


def _themes(row: rows.Dataset) -> list[Node]:
    """The themes of the European vocabulary, each once: several of ours can be one of theirs."""
    of_ours = {each.id: each.uri for each in vocabularies()["theme"].choices if each.uri}
    found = sorted({of_ours[each] for each in row.themes if each in of_ours})
    return [
        {
            "@id": uri,
            "@type": "skos:Concept",
            "skos:prefLabel": _said(uri.rsplit("/", 1)[-1]),
            "skos:inScheme": {"@id": THEMES},
        }
        for uri in found
    ]


def _address(vocabulary: str, code: str | None) -> str | None:
    return next((each.uri for each in vocabularies()[vocabulary].choices if each.id == code), None)


def _said(words: str) -> Node:
    return {"@value": words, "@language": "en"}


def _day(iso: str) -> Node:
    return {"@value": iso, "@type": "xsd:date"}
