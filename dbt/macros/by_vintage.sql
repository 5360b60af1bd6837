{#- A table of which each row is of one vintage, and says no more than its vintage does by itself: a vintage never changes, and
    so what was read of it stands. Read are only the vintages of which a reading would be another than the one that stands: what
    it was read of or read by is not the same, or its rows are not those that were written then. Whatever cannot be told is read.

    With the rows, in one transaction, `ops.reading` keeps what each reading was of. The model says by
    `vintage != all({{ standing_vintages() }})` what it leaves out; without an entry in `ops.reading` that is nothing. -#}
{% materialization by_vintage, adapter='postgres' -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set made = make_intermediate_relation(target_relation) -%}
    {%- set replaced = make_backup_relation(target_relation, 'table' if existing is none else existing.type) -%}
    {{ drop_relation_if_exists(load_cached_relation(made)) }}
    {{ drop_relation_if_exists(load_cached_relation(replaced)) }}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks) }}

    {#- A person's own schemas are made whole: nobody keeps what was read into them. -#}
    {%- set is_kept = target.name == 'prod' -%}
    {%- set standing, others, leaving = [], [], [] -%}
    {%- if is_kept -%}
        {%- call statement('reading_now') -%}{{ reading_now(sql) }}{%- endcall -%}
        {%- do tell_apart(existing, standing, others, leaving) -%}
    {%- endif -%}
    {%- set is_same = standing and not others -%}

    {%- if is_same -%}
        {%- call statement('main') -%}select from {{ existing }} limit 0{%- endcall -%}
    {%- elif standing -%}
        {%- set columns = adapter.get_columns_in_relation(existing) | map(attribute='quoted') | join(', ') -%}
        {#- As a constant: of a setting the planner does not know which partitions of raw it leaves out. -#}
        {%- set these = "'{" ~ standing | join(',') ~ "}'::integer[]" -%}
        {%- if leaving -%}
            {%- call statement('gone') -%}
                delete from {{ existing }} where vintage != all({{ these }}) or vintage is null
            {%- endcall -%}
        {%- endif -%}
        {%- call statement('main') -%}
            insert into {{ existing }} ({{ columns }})
            select {{ columns }} from (
                {{ sql | replace(standing_vintages(), these) }}
            ) as reading
        {%- endcall -%}
    {%- else -%}
        {%- call statement('main') -%}{{ get_create_table_as_sql(False, made, sql) }}{%- endcall -%}
        {%- do create_indexes(made) -%}
        {%- if existing is not none -%}{%- do adapter.rename_relation(existing, replaced) -%}{%- endif -%}
        {%- do adapter.rename_relation(made, target_relation) -%}
    {%- endif -%}

    {%- if is_kept and not is_same -%}{%- call statement('noted') -%}{{ note_readings() }}{%- endcall -%}{%- endif -%}
    {#- They analyse, which takes longer than all of this where no row is another. -#}
    {%- if not is_same -%}{{ run_hooks(post_hooks) }}{%- endif -%}
    {%- do persist_docs(target_relation, model) -%}
    {{ adapter.commit() }}
    {%- if existing is not none and not standing -%}{{ drop_relation_if_exists(replaced) }}{%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{%- endmaterialization %}

{#- The vintages that are not to be read, as an array: none, but where this materialization says which. -#}
{% macro standing_vintages() -%}
    '{}'::integer[] /* that stand */
{%- endmacro %}

{#- A temporary table of the vintages in use, with what a reading of each is by (code, functions, lists) and of (its row of the
    ledger, its rows), as hashes. It is made before anything is read: what changes meanwhile is read again the next time. -#}
{% macro reading_now(code) -%}
    {%- set common, tables = [], [] -%}
    {%- do read_of(model, common, tables) -%}
    create temporary table reading_now on commit drop as
    with way as materialized (

        select
            md5(concat_ws(
                e'\n', version(), '{{ local_md5(code) }}',
                (
                    select string_agg(pg_get_functiondef(oid), e'\n' order by oid::regprocedure::text)
                    from pg_proc
                    where pronamespace = '{{ target.schema }}'::regnamespace and prokind = 'f'
                )
                {%- for each in common %},
                {{ each }}
                {%- endfor %}
            )) as read_by

    ),

    -- Asked of below for every vintage by itself, and not counted for each.
    row_stamp as materialized (
        {%- for relation, vintage in tables %}
        {{ row_stamps(relation, vintage) }}
        {%- if not loop.last %}
        union all
        {%- endif %}
        {%- endfor %}

    )

    select
        ledger.vintage,
        way.read_by,
        md5(concat_ws(
            e'\n', ledger.xmin, to_jsonb(ledger),
            (select string_agg(stamp, ' ' order by stamp) from row_stamp where row_stamp.vintage = ledger.vintage)
        )) as read_of
    from {{ source('ops', 'vintage') }} as ledger
    cross join way
    where {{ in_use('ledger') }}
{%- endmacro %}

{#- What the rows of each vintage in a table are: how many, and written by which transactions. Rows that were changed, taken
    away or put there, by whomever, give another. -#}
{% macro row_stamps(relation, vintage='vintage') -%}
    select
        {{ vintage }} as vintage,
        count(*) || ' ' || sum(xmin::text::bigint) as stamp
    from {{ relation }}
    group by {{ vintage }}
{%- endmacro %}

{#- What was made of a vintage, in a table with its `row_stamp`: also of one without rows, which columns it has. -#}
{% macro made_in(relation) -%}
    concat_ws(' ', row_stamp.stamp, {{ columns_of(relation) }})
{%- endmacro %}

{#- Which columns a table has, as a hash. -#}
{% macro columns_of(relation) -%}
    (
        select md5(string_agg(attname || ' ' || atttypid, ', ' order by attnum))
        from pg_attribute
        where attrelid = '{{ relation }}'::regclass and attnum > 0 and not attisdropped
    )
{%- endmacro %}

{#- What a node reads, as far as it is the same for all vintages, as SQL (`common`), and the tables that have its vintages, each
    with the name of the column. What would be neither stops the build: of it nobody could tell whether it is the same. -#}
{% macro read_of(node, common, tables) -%}
    {%- for unique_id in node.depends_on.nodes -%}
        {%- set kind = unique_id.split('.')[0] -%}
        {%- set each = graph[kind ~ 's' if kind in ('source', 'function') else 'nodes'][unique_id] -%}
        {%- set kept_as = each.config.materialized if kind in ('model', 'seed') -%}
        {%- if kind == 'function' and each.schema == target.schema -%}
        {%- elif kind == 'source' and each.schema == 'ops' and each.name == 'vintage' -%}
        {%- elif kind == 'source' and each.schema == 'raw' -%}
            {%- do tables.append((each.relation_name, '_vintage')) -%}
        {%- elif kept_as == 'by_vintage' -%}
            {%- do tables.append((each.relation_name, 'vintage')) -%}
        {%- elif kept_as in ('seed', 'table') -%}
            {%- do common.append(
                "(select md5(coalesce(string_agg(line, e'\\n' order by line collate \"C\"), '')) from (select each::text as line from "
                ~ each.relation_name ~ " as each) as lines)"
            ) -%}
            {%- do common.append(columns_of(each.relation_name)) -%}
        {%- elif kept_as == 'view' and each.fqn[1:3] == ['staging', 'figures'] -%}
            {%- do common.append("pg_get_viewdef('" ~ each.relation_name ~ "'::regclass)") -%}
            {%- set tables_before = tables | length -%}
            {%- do read_of(each, common, tables) -%}
            {%- if tables | length != tables_before + 1 -%}
                {{ exceptions.raise_compiler_error(
                    each.name ~ " reads other raw tables than the one of its source, or none: what changes in them would not "
                    ~ "be seen. Join them in dbt/models/intermediate, from a table"
                ) }}
            {%- endif -%}
        {%- else -%}
            {{ exceptions.raise_compiler_error(
                model.name ~ " is kept by vintage and reads " ~ unique_id ~ ", of which nobody can tell whether it is the same as "
                ~ "before: make a table of it, or make " ~ model.name ~ " a table"
            ) }}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{#- Which vintages have in the table the rows that they would have if they were read now (`standing`), and the others, that
    are read or that leave, and which of those have rows there (`leaving`); says in words which the others are and why. -#}
{% macro tell_apart(existing, standing, others, leaving) -%}
    {%- if existing is none or not existing.is_table -%}
        {{ print(model.name ~ ": every vintage is read, because there was no such table") }}
        {{ return(none) }}
    {%- endif -%}
    {%- call statement('known', fetch_result=True) -%}
        with row_stamp as (

            {{ row_stamps(existing) }}

        )

        select
            coalesce(now.vintage, row_stamp.vintage) as vintage,
            case
                when now.vintage is null then 'in use no more'
                when noted.vintage is null then 'new'
                when noted.read_by != now.read_by then 'other code, functions or lists'
                when noted.read_of != now.read_of then 'another file or entry in the ledger'
                when noted.made != {{ made_in(existing) }} then 'not as it was written'
            end as why,
            row_stamp.stamp is not null as has_rows
        from reading_now as now
        full join row_stamp on now.vintage = row_stamp.vintage
        left join ops.reading as noted on now.vintage = noted.vintage and noted.relation = '{{ model.name }}'
        order by 1
    {%- endcall -%}
    {%- set reasons = {} -%}
    {%- for row in load_result('known').table -%}
        {%- if row['why'] is none -%}
            {%- do standing.append(row['vintage'] | int) -%}
        {%- else -%}
            {%- do others.append(row['vintage'] | int) -%}
            {%- if row['has_rows'] -%}{%- do leaving.append(row['vintage'] | int) -%}{%- endif -%}
            {%- do reasons.setdefault(row['why'], []).append(row['vintage'] | int) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for why, vintages in reasons.items() -%}
        {%- set which = "vintages " ~ vintages | join(', ') if standing else "every vintage" -%}
        {{ print(model.name ~ ": " ~ which ~ (" taken away: " if why == 'in use no more' else " read: ") ~ why) }}
    {%- endfor -%}
{%- endmacro %}

{#- Instead of what was noted before: what stands in the table now, and what it was read of. -#}
{% macro note_readings() -%}
    delete from ops.reading where relation = '{{ model.name }}';
    insert into ops.reading (relation, vintage, read_by, read_of, made)
    select '{{ model.name }}', now.vintage, now.read_by, now.read_of, {{ made_in(this) }}
    from reading_now as now
    left join (
        {{ row_stamps(this) }}
    ) as row_stamp on now.vintage = row_stamp.vintage
{%- endmacro %}
