"""What lies under the views of `marts` and `restricted`: each mart a table of three slots, one of the shown release.

A slot is a partition. A release is written into a free slot while everybody reads another, and shown by changing one
row (`ops.release.state`), which each view asks. Under MVCC a snapshot sees the pointer, and so the slot, of its own
moment: nobody waits, and nobody sees half. A mart whose columns or indexes differ from before is another table beside
the old one; only then a view has to be replaced, which needs a lock.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection, sql

from promise.settings import ROOT

SCHEMA = "published"
MARTS = "marts"
RESTRICTED = "restricted"  # read by promise_staff, and by no reader
VIEWS = (MARTS, RESTRICTED)
STAFF = ROOT / "dbt" / "models" / RESTRICTED  # whose models have their views there
SLOTS = (1, 2, 3)
_INDEX = re.compile(r"CREATE (?P<unique>UNIQUE )?INDEX .+? ON (?:ONLY )?\S+ USING (?P<rest>.+)", re.DOTALL)
_INCLUDED = re.compile(r" INCLUDE \((.*?)\)")
_AFTER_COLUMNS = re.compile(r"(?= NULLS NOT DISTINCT| WITH \(| WHERE |$)")


@dataclass(frozen=True)
class Content:
    """What is in a table: how many rows, and a hash of them that does not depend on their order."""

    row_count: int
    content_hash: str


@dataclass(frozen=True)
class Shape:
    """Columns, as name, type and whether null is forbidden; and indexes, as PostgreSQL writes them."""

    columns: tuple[tuple[str, str, bool], ...]
    indexes: tuple[str, ...]

    @property
    def digest(self) -> str:
        return hashlib.md5(repr((self.columns, self.indexes)).encode(), usedforsecurity=False).hexdigest()

    @property
    def names(self) -> list[str]:
        return [name for name, _, _ in self.columns]


@dataclass(frozen=True)
class Place:
    """Where a release has a mart."""

    parent: str
    slot: int


@functools.cache
def _of_staff() -> frozenset[str]:
    return frozenset(path.stem for path in STAFF.rglob("*.sql"))


def schema_of(mart: str) -> str:
    """The schema in which a mart that is written now will have its view: by the folder of its model."""
    return RESTRICTED if mart in _of_staff() else MARTS


def shown_in(conn: Connection[Any], parent: str) -> str:
    """The schema in which a table has its view, as it was when it was made: it is not for the code of today to say."""
    row = conn.execute("select shown_in from ops.published_table where parent = %s", (parent,)).fetchone()
    return str(row[0]) if row else RESTRICTED


def views(conn: Connection[Any]) -> dict[str, str]:
    """The views that show marts, and the schema in which each is."""
    return {view: schema for schema in VIEWS for view in relations(conn, schema, "v")}


def relations(conn: Connection[Any], schema: str, kinds: str = "rvp") -> list[str]:
    """The tables and views of a schema, partitions left out."""
    rows = conn.execute(
        "select relname from pg_class join pg_namespace as namespace on namespace.oid = relnamespace"
        " where nspname = %s and relkind = any(%s) and not relispartition order by relname",
        (schema, [*kinds]),
    ).fetchall()
    return [name for (name,) in rows]


def shape(conn: Connection[Any], schema: str, table: str) -> Shape:
    """The shape of a table or view."""
    relation = (sql.Identifier(schema, table).as_string(conn),)
    columns = conn.execute(
        "select attname, format_type(atttypid, atttypmod), attnotnull from pg_attribute"
        " where attrelid = %s::regclass and attnum > 0 and not attisdropped order by attnum",
        relation,
    ).fetchall()
    indexes = conn.execute(
        "select pg_get_indexdef(indexrelid) from pg_index where indrelid = %s::regclass", relation
    ).fetchall()
    return Shape(tuple(columns), tuple(sorted(_with_slot(definition) for (definition,) in indexes)))


def content(conn: Connection[Any], schema: str, table: str, columns: Sequence[str]) -> Content:
    """Count and hash the rows. In a transaction of `plain_text` the hash does not depend on who asks."""
    row = conn.execute(
        sql.SQL("select count(*), coalesce(sum(hashtextextended(row({})::text, 0)), 0)::text from {}").format(
            _listed(columns), sql.Identifier(schema, table)
        )
    ).fetchone()
    assert row is not None
    return Content(*row)


def plain_text(conn: Connection[Any]) -> None:
    """Values have one text in the caller's transaction, whoever is signed in and whatever the server's settings."""
    conn.execute(
        "select set_config('timezone', 'UTC', true), set_config('datestyle', 'ISO, YMD', true),"
        " set_config('intervalstyle', 'iso_8601', true), set_config('extra_float_digits', '1', true),"
        " set_config('bytea_output', 'hex', true)"
    )


def parent_for(conn: Connection[Any], mart: str, wanted: Shape, source: str, release_id: int) -> str:
    """The table that takes a mart of this shape: the one there is, or a new one made like `source.<mart>`."""
    schema = schema_of(mart)
    there = conn.execute(
        "select parent from ops.published_table where mart = %s and shape = %s and shown_in = %s",
        (mart, wanted.digest, schema),
    ).fetchone()
    if there:
        return str(there[0])
    taken = conn.execute("select 1 from ops.published_table where parent = %s", (mart,)).fetchone()
    parent = f"{mart}__{release_id}" if taken else mart
    conn.execute(
        sql.SQL("create table {} (slot smallint not null, like {}) partition by list (slot)").format(
            sql.Identifier(SCHEMA, parent), sql.Identifier(source, mart)
        )
    )
    for slot in SLOTS:
        conn.execute(
            sql.SQL("create table {} partition of {} for values in ({})").format(
                sql.Identifier(SCHEMA, partition_of(parent, slot)), sql.Identifier(SCHEMA, parent), sql.Literal(slot)
            )
        )
    conn.execute(
        "insert into ops.published_table (parent, mart, shape, shown_in) values (%s, %s, %s, %s)",
        (parent, mart, wanted.digest, schema),
    )
    return parent


def partition_of(parent: str, slot: int) -> str:
    return f"{parent}__s{slot}"


def fill(conn: Connection[Any], place: Place, *, source: str, mart: str, shape: Shape) -> Content:
    """Write a mart into its slot in place of what was there, and say what is there now.

    A slot gets its indexes when it is first filled, after its rows: that takes less time, and makes them smaller.
    """
    partition = partition_of(place.parent, place.slot)
    target, names = sql.Identifier(SCHEMA, partition), _listed(shape.names)
    conn.execute(sql.SQL("delete from {}").format(target))
    conn.execute(
        sql.SQL("insert into {} (slot, {}) select {}, {} from {}").format(
            target, names, sql.Literal(place.slot), names, sql.Identifier(source, mart)
        )
    )
    there = conn.execute(
        "select exists (select from pg_index where indrelid = %s::regclass)", (qualified(conn, SCHEMA, partition),)
    ).fetchone()
    if there == (False,):
        for index in shape.indexes:
            conn.execute(sql.SQL(index).format(table=target))  # type: ignore[arg-type]  # PostgreSQL's own words
    return content(conn, SCHEMA, partition, shape.names)


def empty(conn: Connection[Any], place: Place) -> None:
    """Make a slot as it was before it was first filled: filling it then takes a third of the time.

    Takes a lock for which readers of other slots wait; the caller knows that nobody's snapshot is of this one.
    """
    partition = qualified(conn, SCHEMA, partition_of(place.parent, place.slot))
    conn.execute(sql.SQL("truncate {}").format(sql.SQL(partition)))  # type: ignore[arg-type]  # quoted
    for (index,) in conn.execute(
        "select indexrelid::regclass::text from pg_index where indrelid = %s::regclass", (partition,)
    ).fetchall():
        conn.execute(sql.SQL("drop index {}").format(sql.SQL(index)))


def describe_for_planner(conn: Connection[Any], filled: Sequence[Place], emptied: Sequence[Place] = ()) -> None:
    """Statistics of what changed, before anybody reads it. The connection is in autocommit: VACUUM needs that.

    A view asks for one slot without saying which: of a partition the planner then expects as many rows as its share
    among the slots that hold any. Autovacuum never analyses a parent.
    """
    parents = sorted({place.parent for place in (*filled, *emptied)})
    for parent in parents:
        _expect_share(conn, parent)
    if filled:
        # Emptying the end of a file needs a lock that readers would wait for.
        partitions = (partition_of(place.parent, place.slot) for place in filled)
        conn.execute(sql.SQL("vacuum (truncate off) {}").format(_all_of(partitions)))
    if parents:
        conn.execute(sql.SQL("analyze {}").format(_all_of(parents)))


def _expect_share(conn: Connection[Any], parent: str) -> None:
    """Say among how many slots the rows of a parent are, where that is not said yet: each time, readers plan anew."""
    partitions = [partition_of(parent, slot) for slot in SLOTS]
    used = sql.SQL(" + ").join(
        sql.SQL("(exists (select from {}))::integer").format(sql.Identifier(SCHEMA, name)) for name in partitions
    )
    row = conn.execute(
        sql.SQL(
            "select greatest(1, {}), (select attoptions from pg_attribute where attrelid = {}::regclass"
            " and attname = 'slot')"
        ).format(used, sql.Literal(qualified(conn, SCHEMA, parent)))
    ).fetchone()
    assert row is not None
    filled, options = row
    if options == [f"n_distinct={filled}", f"n_distinct_inherited={filled}"]:
        return
    for name in (parent, *partitions):
        conn.execute(
            sql.SQL("alter table {} alter column slot set (n_distinct = {n}, n_distinct_inherited = {n})").format(
                sql.Identifier(SCHEMA, name), n=sql.Literal(filled)
            )
        )


def half_vacuumed(conn: Connection[Any]) -> list[str]:
    """The shown slots of which an old snapshot kept VACUUM from saying that everybody sees all: indexes alone cannot
    answer for them, and autovacuum counts them as done."""
    rows = conn.execute(
        "select relname from ops.shown join pg_class on relname = parent || '__s' || slot"
        " where relnamespace = %s::regnamespace and relallvisible < relpages",
        (SCHEMA,),
    ).fetchall()
    return [name for (name,) in rows]


# ---------------------------------------------------------------------------------------------------------- views


def views_to_replace(conn: Connection[Any], parents: dict[str, str]) -> list[str]:
    """The marts whose view has to be made, made anew or dropped when these parents are to be shown, by mart."""
    rows = conn.execute(
        """
        with columns as materialized (
            select relnamespace::regnamespace::text as in_schema, relname, relkind, (
                select array_agg(attname || ' ' || format_type(atttypid, atttypmod) order by attnum)
                from pg_attribute where attrelid = pg_class.oid and attnum > 0 and not attisdropped
            ) as of_it
            from pg_class
            where relnamespace::regnamespace::text = any(%(all)s) and relkind in ('v', 'p')
        ),
        wanted as (
            select given.mart, given.parent, shown_in as in_schema
            from unnest(%(mart)s::text[], %(parent)s::text[]) as given (mart, parent)
            join ops.published_table on published_table.parent = given.parent
        ),
        views as (
            select relname as mart, in_schema, of_it from columns where in_schema = any(%(views)s) and relkind = 'v'
        )
        select distinct coalesce(wanted.mart, views.mart)
        from wanted full join views on views.mart = wanted.mart
        left join columns as parent on parent.in_schema = %(published)s and parent.relname = wanted.parent
        where parent.of_it[2:] is distinct from views.of_it or wanted.in_schema is distinct from views.in_schema
            or not exists (
                select from pg_depend join pg_rewrite on pg_rewrite.oid = objid
                where pg_depend.classid = 'pg_rewrite'::regclass and refclassid = 'pg_class'::regclass
                    and ev_class = format('%%I.%%I', views.in_schema, views.mart)::regclass
                    and refobjid = format('%%I.%%I', %(published)s::text, wanted.parent)::regclass
            )
        order by 1
        """,
        {
            "views": [*VIEWS],
            "all": [*VIEWS, SCHEMA],
            "published": SCHEMA,
            "mart": [*parents],
            "parent": [*parents.values()],
        },
    ).fetchall()
    return [name for (name,) in rows]


def lock_views(conn: Connection[Any], wanted: Iterable[str]) -> None:
    """Lock those of the views that there are, in one statement, so that a time-out counts for all of them together.

    LOCK TABLE would lock all that a view reads, the pointer among it, and with that every reader. Resetting an option
    that is not set locks the view alone and changes nothing.
    """
    there = views(conn)
    names = (qualified(conn, there[view], view) for view in sorted({*wanted} & there.keys()))
    locks = "".join(f"alter view {name} reset (security_barrier); " for name in names)
    conn.execute(sql.SQL("do {}").format(sql.Literal(f"begin {locks}end")))


def replace_view(conn: Connection[Any], mart: str, parent: str | None, release_id: int) -> None:
    """Make the view of a mart read that parent, or drop it. The caller has locked it.

    It goes on to read the parent of before, for whoever's snapshot is of before: there an old row lacks what is new.
    Not one that was shown elsewhere: what is restricted is in no view of `marts`, not for a moment.
    What somebody built on the old view stays, with the old view set aside, and says in an error that it is out of date.
    """
    there, wanted = views(conn).get(mart), shown_in(conn, parent) if parent else None
    before = (
        [name for name in read_by(conn, mart) if name != parent and shown_in(conn, name) == wanted] if there else []
    )
    if there and there == wanted and parent and _is_continued(_columns(conn, there, mart), _shown(conn, parent)):
        verb = "create or replace view"
    else:
        if there and has_dependents(conn, there, mart):
            aside = f"{mart}__before_{release_id}"
            conn.execute(
                sql.SQL("alter view {} rename to {}").format(sql.Identifier(there, mart), sql.Identifier(aside))
            )
            conn.execute(
                sql.SQL("alter view {} set schema {}").format(sql.Identifier(there, aside), sql.Identifier(SCHEMA))
            )
        elif there:
            conn.execute(sql.SQL("drop view {}").format(sql.Identifier(there, mart)))
        verb = "create view"
    if parent:
        _make_view(conn, verb, mart, [parent, *before])


def simplify_view(conn: Connection[Any], mart: str) -> None:
    """Let the view read one parent alone. The caller knows that nobody's snapshot is of before.

    A view that has the columns of a release that is not shown yet stays as it is.
    """
    parent = conn.execute("select parent from ops.shown where mart = %s", (mart,)).fetchone()
    there = views(conn)[mart]
    if (
        parent
        and shown_in(conn, parent[0]) == there
        and _is_continued(_columns(conn, there, mart), _shown(conn, parent[0]))
    ):
        _make_view(conn, "create or replace view", mart, [parent[0]])


def bridging_views(conn: Connection[Any]) -> list[str]:
    """The views that still read more than one parent."""
    return [view for view, parents in _read(conn, [*views(conn)]).items() if len(parents) > 1]


def take_over_words(conn: Connection[Any], pairs: Sequence[tuple[str, str]]) -> None:
    """Describe relations, and their columns, as others are described: pairs of qualified names, from and to.

    Only what differs is written, and writing it needs no lock that a reader would wait for.
    """
    differing = conn.execute(
        """
        with pairs as (
            select source::regclass::oid as source, target::regclass::oid as target, target as name
            from unnest(%s::text[], %s::text[]) as given (source, target)
        ),
        words as (
            select objoid as relation, attname::text as described, description from pg_description
            left join pg_attribute on attrelid = objoid and attnum = objsubid and objsubid > 0
            where classoid = 'pg_class'::regclass
        )
        select name, relkind, described, description from pairs join words on relation = source
        join pg_class on pg_class.oid = target
        except
        select name, relkind, described, description from pairs join words on relation = target
        join pg_class on pg_class.oid = target
        """,
        ([source for source, _ in pairs], [target for _, target in pairs]),
    ).fetchall()
    comments: dict[str, list[sql.Composable]] = {}
    for name, kind, column, words in differing:
        target = sql.SQL(name) if column is None else sql.SQL(name + ".{}").format(sql.Identifier(column))
        what = "column" if column else "view" if kind == "v" else "table"
        comment = sql.SQL("comment on {} {} is {}").format(sql.SQL(what), target, sql.Literal(words))
        comments.setdefault(name, []).append(comment)
    # Those of one together: there are thousands, and each by itself would be a way to the server and back.
    for of_one in comments.values():
        conn.execute(sql.SQL("; ").join(of_one))


def qualified(conn: Connection[Any], schema: str, name: str) -> str:
    """The quoted name of a relation."""
    return sql.Identifier(schema, name).as_string(conn)


def _make_view(conn: Connection[Any], verb: str, mart: str, parents: Sequence[str]) -> None:
    """The first parent gives the columns; the others give what they have of them, as far as it can be written so."""
    columns = _shown(conn, parents[0])
    branches = []
    for parent in parents:
        has = dict(_shown(conn, parent))
        branches.append(
            sql.SQL("select {columns} from {parent} where slot = ({slot})").format(
                columns=sql.SQL(", ").join(_as_column(name, kind, has.get(name)) for name, kind in columns),
                parent=sql.Identifier(SCHEMA, parent),
                slot=_slot(mart, parent, [other for other in parents if other != parent]),
            )
        )
    conn.execute(
        sql.SQL("{} {} as {}").format(
            sql.SQL(verb),  # type: ignore[arg-type]  # one of two constants
            sql.Identifier(shown_in(conn, parents[0]), mart),
            sql.SQL(" union all ").join(branches),
        )
    )


def _as_column(name: str, kind: str, has: str | None) -> sql.Composable:
    """A column of a view out of a parent that has it, has it in another type, or has it not."""
    if has == kind:
        return sql.Identifier(name)
    value = sql.SQL("null") if has is None else sql.SQL("{}::text").format(sql.Identifier(name))
    return sql.SQL("{}::{} as {}").format(value, sql.SQL(kind), sql.Identifier(name))  # type: ignore[arg-type]


def _slot(mart: str, parent: str, others: Sequence[str]) -> sql.Composable:
    """The slot to read of this parent: none while another one of the view is shown, an error when none of them is."""
    elsewhere = sql.SQL("").join(sql.SQL(" when {} then null").format(sql.Literal(other)) for other in others)
    return sql.SQL(
        "select case max(parent) when {parent} then max(slot){elsewhere} else ops.not_shown({mart}) end"
        " from ops.shown where mart = {mart}"
    ).format(parent=sql.Literal(parent), elsewhere=elsewhere, mart=sql.Literal(mart))


def read_by(conn: Connection[Any], view: str) -> list[str]:
    """The parents that the view of a mart reads."""
    return _read(conn, [view]).get(view, [])


def _read(conn: Connection[Any], of: Sequence[str]) -> dict[str, list[str]]:
    """By mart, the parents that its view reads; a mart of which it reads none is left out."""
    rows = conn.execute(
        "select view.relname, array_agg(distinct parent.relname) from pg_class as view"
        " join pg_rewrite on ev_class = view.oid join pg_depend on objid = pg_rewrite.oid"
        " join pg_class as parent on parent.oid = refobjid"
        " where pg_depend.classid = 'pg_rewrite'::regclass and refclassid = 'pg_class'::regclass"
        " and parent.relkind = 'p' and parent.relnamespace = %s::regnamespace"
        " and view.relnamespace = any(%s::regnamespace[]) and view.relkind = 'v' and view.relname = any(%s)"
        " group by view.relname order by view.relname",
        (SCHEMA, [*VIEWS], [*of]),
    ).fetchall()
    return dict(rows)


def _columns(conn: Connection[Any], schema: str, table: str) -> list[tuple[str, str]]:
    """Names and types."""
    return conn.execute(
        "select attname, format_type(atttypid, atttypmod) from pg_attribute"
        " where attrelid = %s::regclass and attnum > 0 and not attisdropped order by attnum",
        (sql.Identifier(schema, table).as_string(conn),),
    ).fetchall()


def _shown(conn: Connection[Any], parent: str) -> list[tuple[str, str]]:
    """The columns that a view shows of a parent: all but the slot, which is the first."""
    return _columns(conn, SCHEMA, parent)[1:]


def _is_continued(before: Sequence[tuple[str, str]], now: Sequence[tuple[str, str]]) -> bool:
    """Whether PostgreSQL lets a view of the one columns become one of the others: it may only gain some at the end."""
    return [*now[: len(before)]] == [*before]


def has_dependents(conn: Connection[Any], schema: str, relation: str) -> bool:
    """Whether a view was built on a view or table."""
    row = conn.execute(
        "select exists (select from pg_depend join pg_rewrite on pg_rewrite.oid = objid"
        " where pg_depend.classid = 'pg_rewrite'::regclass and refclassid = 'pg_class'::regclass"
        " and refobjid = %(relation)s::regclass and ev_class <> %(relation)s::regclass)",
        {"relation": qualified(conn, schema, relation)},
    ).fetchone()
    return bool(row and row[0])


def _with_slot(definition: str) -> str:
    """An index as a template for the same on a partition, with the slot in it: else no index alone could answer."""
    found = _INDEX.fullmatch(definition)
    assert found is not None, definition
    rest = found["rest"].replace("{", "{{").replace("}", "}}")
    if rest.startswith(("btree", "gist")):
        rest = (
            _INCLUDED.sub(r" INCLUDE (\1, slot)", rest, count=1)
            if _INCLUDED.search(rest)
            else _AFTER_COLUMNS.sub(" INCLUDE (slot)", rest, count=1)
        )
    return f"create {found['unique'] or ''}index on {{table}} using {rest}"


def _all_of(tables: Iterable[str]) -> sql.Composable:
    return sql.SQL(", ").join(sql.Identifier(SCHEMA, table) for table in tables)


def _listed(columns: Sequence[str]) -> sql.Composable:
    return sql.SQL(", ").join(map(sql.Identifier, columns))
