"""`promise map read-across`: an organisation's own measures beside the framework's indicators, by likeness of words.

It is a first look for a person, not a judgement: what is alike in words may count something else.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from promise.errors import PromiseError
from warehouse.releases import reading

# Ours, from a dozen pairs that were looked at: a person has the last word, so the lines need not be fine.
ALIGNED, COMPLEMENTARY = 0.5, 0.2
MOST = 2_000  # measures; no plan has more
ALIKE = """
    with own as (
        select 'own' as side, place::text as id, words
        from unnest(%(words)s::text[]) with ordinality as given(words, place)
    ),
    document as (
        select side, id, words from own
        union all
        select 'framework', indicator_id, name || ' ' || coalesce(definition, '')
        from marts.dim_indicator where publication_state = 'published'
    ),
    synonym as (
        select distinct on (stem) (tsvector_to_array(to_tsvector('english', word)))[1] as stem,
               (tsvector_to_array(to_tsvector('english', synonym_group)))[1] as stands_for
        from marts.dim_search_word where word !~ '\\s' order by stem, synonym_group
    ),
    stem as (
        select distinct document.side, document.id, coalesce(synonym.stands_for, found.stem) as stem
        from document
        cross join unnest(tsvector_to_array(to_tsvector('english', document.words))) as found(stem)
        left join synonym on synonym.stem = found.stem
        where found.stem ~ '^[a-z]{3,}'
    ),
    rarity as (
        select stem, ln(1 + (select count(*) from document)::double precision / count(*)) as rarity
        from stem group by stem
    ),
    weight as (
        select stem.side, stem.id, stem.stem,
               rarity / sqrt(sum(rarity * rarity) over (partition by stem.side, stem.id)) as weight
        from stem join rarity on rarity.stem = stem.stem
    )
    select own.id::integer, framework.id, sum(own.weight * framework.weight) as score
    from weight as own join weight as framework on framework.stem = own.stem
    where own.side = 'own' and framework.side = 'framework'
    group by own.id, framework.id
    order by 1, score desc, 2"""


@dataclass(frozen=True)
class Row:
    """A measure of the organisation's, an indicator of the framework's, or both, and what they are to each other."""

    says: str
    measure: str
    indicator_id: str
    indicator: str
    score: float | None


def show(file: Path) -> None:
    """Print what is aligned, complementary and missing."""
    rows = across(measures(file))
    console = Console(emoji=False)
    for says, title in (
        ("aligned", "Aligned: your measure and an indicator of the framework say nearly the same"),
        ("complementary", "Complementary: near an indicator, and not the same"),
        ("own", "Your own: nothing of the framework is near"),
        ("missing", "Missing: indicators of the framework that no measure of yours is near"),
    ):
        of = [row for row in rows if row.says == says]
        if not of:
            continue
        table = Table(title=f"{title} ({len(of)})", title_justify="left")
        for heading in ("your measure", "indicator of the framework", "score"):
            table.add_column(heading)
        for row in of:
            table.add_row(row.measure, row.indicator, "" if row.score is None else f"{row.score:.2f}")
        console.print(table)
    console.print(
        "By likeness of words alone: a person says whether two count the same thing. Nothing of the file was kept."
    )


def measures(file: Path) -> list[str]:
    """The measures of a file in words. Raises PromiseError that says what the file must have."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            headings = {(heading or "").strip().lower(): heading for heading in reader.fieldnames or []}
            title = headings.get("measure") or headings.get("title")
            if title is None:
                raise PromiseError(
                    f"{file.name}: no column `measure` or `title` in its first line (it has: "
                    f"{', '.join(h for h in headings if h) or 'nothing'}); name the column of your measures so"
                )
            described = headings.get("description")
            found = [
                " ".join(part.strip() for part in (row[title], row[described] if described else "") if part)
                for row in reader
                if (row[title] or "").strip()
            ]
    except UnicodeDecodeError:
        raise PromiseError(f"{file.name}: not UTF-8; save it as CSV UTF-8") from None
    except csv.Error as error:
        raise PromiseError(f"{file.name}: not CSV ({error}); save the sheet as CSV UTF-8") from None
    if not found:
        raise PromiseError(f"{file.name}: no measure in it; write one a row below `measure`")
    if len(found) > MOST:
        raise PromiseError(
            f"{file.name}: {len(found):,} measures, and no plan has more than {MOST:,}; is it another file?"
        )
    return found


def across(own: list[str]) -> list[Row]:
    """Each measure with the likest indicator, then the indicators that none is near."""
    with reading() as conn:
        names = dict(
            conn.execute(
                "select indicator_id, coalesce(short_name, name) from marts.dim_indicator"
                " where publication_state = 'published' order by vision_statement_id, display_order"
            ).fetchall()
        )
        alike = conn.execute(ALIKE, {"words": own}).fetchall()
    likest: dict[int, tuple[str, float]] = {}
    near: set[str] = set()
    for place, indicator, score in alike:
        likest.setdefault(place, (indicator, score))
        if score >= COMPLEMENTARY:
            near.add(indicator)
    rows = []
    for place, measure in enumerate(own, start=1):
        indicator, score = likest.get(place, ("", 0.0))
        if score < COMPLEMENTARY:
            rows.append(Row("own", measure, "", "", None))
        else:
            says = "aligned" if score >= ALIGNED else "complementary"
            rows.append(Row(says, measure, indicator, names[indicator], score))
    return rows + [
        Row("missing", "", indicator, name, None) for indicator, name in names.items() if indicator not in near
    ]
