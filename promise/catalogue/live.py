"""Where a source is published now, and how it is fetched: the `live:` section of a source's YAML.

`PROMISE_MODE=live` uses it; without it a source keeps to its bundle. One model a transport. The connector of the same
name in `ingestion/connectors/` acts on it.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from promise.catalogue.shapes import Columns, Reader
from promise.strict import Strict

# A name, with a port where it is not the usual one. A listed loopback name is how tests reach their own server.
Host = Annotated[str, Field(pattern=r"^[a-z0-9.-]+(:[0-9]{1,5})?$")]
LOOPBACK = re.compile(r"^(localhost|127\.[0-9.]+)$")


class Limits(Strict):
    """How much of a publisher's patience and of our disk one visit may take. The defaults have suited every source."""

    connect_seconds: float = Field(default=10, gt=0)
    read_seconds: float = Field(default=90, gt=0)  # of silence; a query service thinks for a minute
    progress_seconds: float = Field(default=60, gt=0)  # in each such stretch ...
    progress_bytes: int = Field(default=60_000, ge=0)  # ... at least this much arrives, or the end does
    total_seconds: float = Field(default=3600, gt=0)  # for one answer
    max_bytes: int = Field(default=500_000_000, ge=1)  # as it lies on disk, and after decompression
    answer_bytes: int = Field(default=64_000_000, ge=1)  # of an answer that is held in memory
    hops: int = Field(default=5, ge=0)  # redirects in a row
    attempts: int = Field(default=4, ge=1)
    first_wait_seconds: float = Field(default=2, ge=0)  # doubled before each further attempt
    patience_seconds: float = Field(default=120, ge=0)  # the longest wait that we sit through; else the next attempt
    requests_per_second: float = Field(default=2, gt=0)  # to one host, by all our processes together
    burst: int = Field(default=5, ge=1)  # so many at once before that counts
    trust_days: float = Field(default=90, ge=0)  # "not modified" is believed; after so long we look for ourselves


class Layout(Strict):
    """What the publisher's own file looks like where the bundled one is another: its shape and its headings.

    The columns are the same, so that staging does not know which of the two it reads.
    """

    reader: Reader
    columns: Columns  # every column that `table: columns` has


class Asked(Strict):
    """What is the same however a publisher's files come to us."""

    reads: Layout | None = None  # null: it looks like the bundled file
    # Each file is a publication of this series, of a date that nobody knows; null: its rows name theirs, or it holds no
    # figures.
    publication_series: str | None = None


class Live(Asked):
    """What every transport needs that asks a server."""

    hosts: tuple[Host, ...] = Field(min_length=1)  # nothing else is asked, whatever a redirect says
    credential: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")] | None = None  # an Airflow connection's id
    limits: Limits = Limits()
    # The day on which somebody saw this address give the described file; null until then.
    tried_on: date | None


class Web(Live):
    """A transport that begins at one address."""

    address: str

    @model_validator(mode="after")
    def the_address_is_on_the_list(self) -> Self:
        parts = urlsplit(self.address)
        if parts.scheme != "https" and not (parts.scheme == "http" and LOOPBACK.match(parts.hostname or "")):
            raise ValueError(f"address {self.address!r} is not https; write the publisher's https address")
        if parts.netloc not in self.hosts:
            raise ValueError(f"the host of address, {parts.netloc!r}, is not among hosts; add it")
        return self


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is no pattern ({error}); write it as a regular expression") from None
    return text


class File(Web):
    """One file at an address that does not change."""

    transport: Literal["file"]


class Ckan(Web):
    """A dataset of a CKAN portal: the newest resource whose name or file matches. `address` is the portal's root."""

    transport: Literal["ckan"]
    dataset: str
    resource: str  # a pattern of its name or file name
    newest_by: Literal["last_modified", "created", "name"] = "last_modified"
    take: Literal["dump", "file"] = "dump"  # of the datastore, or the file as it was uploaded

    @model_validator(mode="after")
    def resource_is_a_pattern(self) -> Self:
        _pattern(self.resource)
        return self


class GovscotPublication(Web):
    """A workbook of the newest edition. `address` is the collection's page, which lists the editions."""

    transport: Literal["govscot_publication"]
    edition: str  # a pattern of the publication's slug; one group in it is what editions are ordered by
    document: str  # a pattern of the file's title or name on the edition's documents page

    @model_validator(mode="after")
    def patterns_are_patterns(self) -> Self:
        _pattern(self.document)
        if re.compile(_pattern(self.edition)).groups != 1:
            raise ValueError("edition needs one group (...), around the part by which editions are ordered")
        return self


class Split(Strict):
    """How a query that is too large is asked again in parts: once a value, each with a filter of its own.

    The values are asked for each time, so that a new year is never left out.
    """

    by: Literal["year", "area"]
    values_query: str  # a query whose first column is the values
    filter: str  # stands in the query for {year} or {area}; {} in it is a value

    @model_validator(mode="after")
    def the_filter_takes_a_value(self) -> Self:
        if "{}" not in self.filter:
            raise ValueError("filter has no {} for the value; put it where the year or area goes")
        return self


class StatisticsGovScot(Web):
    """A cube of the open data portal. `address` is the portal's root."""

    transport: Literal["statistics_gov_scot"]
    dataset: str
    how: Literal["cube_table", "slice", "sparql"] = "cube_table"
    fixed: dict[str, str] = Field(default_factory=dict)  # slice: dimension address -> value address
    query: str | None = None  # sparql: {year} and {area} stand where parts of a split go
    split: tuple[Split, ...] = ()

    @model_validator(mode="after")
    def each_way_has_what_it_needs(self) -> Self:
        if (self.how == "sparql") != (self.query is not None):
            raise ValueError("query is for how: sparql, which needs it")
        if (self.how == "slice") != bool(self.fixed):
            raise ValueError("fixed is for how: slice, which needs it")
        if [each.by for each in self.split] not in ([], ["year"], ["year", "area"]):
            raise ValueError("split is first by year, then by area")
        for each in self.split:
            if "{" + each.by + "}" not in (self.query or ""):
                raise ValueError(f"the query has no {{{each.by}}} to split by; put it where the filter goes")
        return self


class Nomis(Web):
    """A dataset of the labour market service. `address` is the root of its API."""

    transport: Literal["nomis"]
    dataset: Annotated[str, Field(pattern=r"^NM_[0-9]+_[0-9]+$")]
    parameters: dict[str, str]
    page_rows: int = Field(default=25_000, ge=1, le=25_000)  # the publisher's limit for those without a key


class ArcGis(Web):
    """A layer of a feature service. `address` is the layer's, without /query."""

    transport: Literal["arcgis"]
    where: str = "1=1"
    fields: tuple[str, ...] = Field(min_length=1)
    order_by: str  # without an order, pages of a moving layer overlap
    page_rows: int = Field(default=1_000, ge=1)


class StatXplore(Web):
    """A table of Stat-Xplore. `address` is the table endpoint; `body` what is posted to it."""

    transport: Literal["statxplore"]
    body: dict[str, Any]

    @model_validator(mode="after")
    def a_key_is_named(self) -> Self:
        if self.credential is None:
            raise ValueError("Stat-Xplore answers nobody without a key; name the connection under credential")
        return self


APIS = (StatisticsGovScot, Nomis, ArcGis, StatXplore)  # where a query is answered; the others give a file or a page


class FileDrop(Asked):
    """Files that people put into an inbox, for publishers that give no address."""

    transport: Literal["file_drop"]
    pattern: str  # of the whole file name; one group in it is what files are ordered by, oldest first
    max_bytes: int = Field(default=500_000_000, ge=1)
    settled_seconds: float = Field(default=60, ge=0)  # a younger file may still be on its way

    @model_validator(mode="after")
    def pattern_orders(self) -> Self:
        if re.compile(_pattern(self.pattern)).groups != 1:
            raise ValueError("pattern needs one group (...), around the part by which files are ordered")
        return self


class PromiseDashboard(Web):
    """The framework's dashboard: vision pages, outcome pages, indicator pages. `address` is the dashboard's page."""

    transport: Literal["promise_dashboard"]
    max_pages: int = Field(default=200, ge=1)


class Counted(Strict):
    """What of a kind of service is counted."""

    places: bool  # its registered places as well
    by_council: bool  # as well as for Scotland; a service that serves all of Scotland says nothing of where it stands


class CareInspectorate(Web):
    """The monthly register, of which nothing is taken but counts: it names persons, and a children's house is a home.

    `address` is the statistics page, which links to the file of the month.
    """

    transport: Literal["care_inspectorate"]
    link: str  # a pattern of the link's address or text
    kinds: dict[str, Counted] = Field(min_length=1)  # of services, as the register calls them: kind, subtype

    @model_validator(mode="after")
    def the_link_is_a_pattern(self) -> Self:
        _pattern(self.link)
        return self


Transport = Annotated[
    File
    | Ckan
    | GovscotPublication
    | StatisticsGovScot
    | Nomis
    | ArcGis
    | StatXplore
    | FileDrop
    | PromiseDashboard
    | CareInspectorate,
    Field(discriminator="transport"),
]
