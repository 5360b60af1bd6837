-- Who reads and who writes what is there. Idempotent: run at every start, by the owner. A grant is given only where it is
-- lacking, because it waits for whoever is rebuilding the table.

-- What is shown is made anew by each release, and read from the start.
alter default privileges for role promise_owner, promise_releaser in schema marts grant select on tables to promise_reader;
-- What every other reader of ours reads of what a releaser makes, none does here.
alter default privileges for role promise_owner, promise_releaser in schema restricted grant select on tables to promise_staff;

do $$
declare
    statement text;
begin
    for statement in
        with reader as (
            select oid as namespace, nspname, unnest(readers) as grantee
            from pg_namespace
            inner join (
                values
                ('^raw$', '{promise_transformer,promise_analyst}'::text[]),
                ('^ops$', '{promise_loader,promise_transformer,promise_releaser,promise_analyst}'),
                ('^(staging|intermediate|candidate)$', '{promise_releaser,promise_analyst}'),
                ('^(published|release_[0-9]+)$', '{promise_transformer,promise_analyst}'),
                ('^(marts|methods)$', '{promise_transformer,promise_analyst,promise_reader}'),
                ('^restricted$', '{promise_staff}')
            ) as reading (schemas, readers) on nspname ~ schemas
        ),

        -- The tables of `ops`: each is written by those whose code writes it. A file is not judged by who loads it, and
        -- what a person decides (`decision`, `forgotten`) is written by a person's tools alone, which are the owner.
        writer (grantee, tables, privilege, columns) as (
            values
            ('promise_loader', '^lock$', 'insert', null::text[]),
            ('promise_loader', '^lock$', 'update', null),
            ('promise_loader', '^ingest_attempt$', 'insert', null),
            (
                'promise_loader', '^vintage$', 'insert',
                '{vintage,source_id,snapshot_id,publication_id,file_name,requested_url,final_url,retrieved_at,media_type,size_bytes,row_count,not_before,held_since,cells_hash,headings,reader_revision,read_as}'
            ),
            ('promise_loader', '^vintage$', 'update', '{publication_id,not_before,held_since,headings,reader_revision,read_as}'),
            ('promise_transformer', '^vintage$', 'update', '{arrival,arrival_reason,judged_at}'),
            ('promise_transformer', '^warehouse_run$', 'update', '{built_of,rejected}'),
            ('promise_transformer', '^(dbt_result|dbt_manifest|expectation_result|late_source|protection|reading|staged)$', 'insert', null),
            ('promise_transformer', '^(dbt_result|dbt_manifest|late_source)$', 'update', null),
            ('promise_transformer', '^(dbt_manifest|expectation_result|protection|reading|staged)$', 'delete', null),
            ('promise_releaser', '^(lock|warehouse_run|release|release_mart|sealed_mart|published_table|slot_to_empty|drawn|provisioned)$', 'insert', null),
            ('promise_releaser', '^(lock|warehouse_run|release|release_mart|published_table|drawn|provisioned)$', 'update', null),
            ('promise_releaser', '^(release_mart|sealed_mart|published_table|slot_to_empty|provisioned)$', 'delete', null)
        ),

        -- The sequences of `ops`: whose numbers a role gives out.
        numbering (grantee, sequence) as (
            values ('promise_loader', 'vintage_number'), ('promise_releaser', 'release_number')
        )

        select format('grant usage on schema %I to %I', nspname, grantee)
        from reader
        where not has_schema_privilege(grantee, namespace, 'usage')
        union all
        select format('grant select on %s to %I', class.oid::regclass, grantee)
        from reader
        inner join pg_class as class on class.relnamespace = namespace
        where class.relkind in ('r', 'p', 'v') and not has_table_privilege(grantee, class.oid, 'select')
        union all
        select format(
            'grant %s %s on %s to %I',
            privilege, '(' || array_to_string(columns, ', ') || ')', class.oid::regclass, grantee
        )
        from writer
        inner join pg_class as class on class.relnamespace = 'ops'::regnamespace and class.relname ~ tables
        where
            class.relkind in ('r', 'p')
            and case
                when columns is null then not has_table_privilege(grantee, class.oid, privilege)
                else exists (
                    select from unnest(columns) as name where not has_column_privilege(grantee, class.oid, name, privilege)
                )
            end
        union all
        select format('grant usage on sequence %s to %I', class.oid::regclass, grantee)
        from numbering
        inner join pg_class as class on class.relnamespace = 'ops'::regnamespace and class.relname = sequence
        where not has_sequence_privilege(grantee, class.oid, 'usage')
    loop
        execute statement;
    end loop;
end $$;
