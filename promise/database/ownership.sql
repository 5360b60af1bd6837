-- What is in our schemas belongs to the role that makes it anew, and Airflow's own database to Airflow. Carries over what
-- an earlier revision's superuser made, what a backup put back and what somebody made by hand; otherwise it finds nothing
-- to do. (REASSIGN OWNED refuses what the server's first superuser owns.)
do $$
declare
    statement text;
begin
    for statement in
        with ours as (
            select
                oid as namespace,
                nspname,
                nspowner,
                nspname ~ '^dev_' as is_of_an_analyst, -- whose tables are theirs
                case
                    when nspname = 'raw' then 'promise_loader'
                    when nspname in ('staging', 'intermediate', 'candidate') then 'promise_transformer'
                    when nspname in ('published', 'marts', 'methods', 'restricted') or nspname ~ '^release_[0-9]+$' then 'promise_releaser'
                    when nspname = 'ops' or nspname ~ '^dev_[a-z0-9]+_' then 'promise_owner'
                    when
                        nspname = 'public' and current_database() in (
                            select datname from pg_database where datdba = 'promise_airflow'::regrole
                        ) then 'promise_airflow'
                end::regrole as owner
            from pg_namespace
        )

        -- The schemas first: an owner must be able to make something where its own things lie.
        (
            select format('alter schema %I owner to %s', nspname, owner)
            from ours
            where owner <> nspowner and nspname <> 'public' -- which is its database's owner's
        )
        union all
        (
            -- A sequence that belongs to a column follows its table.
            select format('alter table %s owner to %s', class.oid::regclass, owner)
            from ours
            inner join pg_class as class on class.relnamespace = namespace
            where
                not is_of_an_analyst and owner <> class.relowner and class.relkind in ('r', 'p', 'v', 'm', 'S')
                and not exists (
                    select from pg_depend as link
                    where
                        link.classid = 'pg_class'::regclass and link.objid = class.oid and class.relkind = 'S'
                        and link.deptype in ('a', 'i') and link.refobjsubid > 0
                )
        )
        union all
        (
            select format('alter type %s owner to %s', type.oid::regtype, owner)
            from ours
            inner join pg_type as type on type.typnamespace = namespace
            where not is_of_an_analyst and owner <> type.typowner and type.typtype in ('e', 'd')
        )
        union all
        (
            select format('alter routine %s owner to %s', routine.oid::regprocedure, owner)
            from ours
            inner join pg_proc as routine on routine.pronamespace = namespace
            where not is_of_an_analyst and owner <> routine.proowner
        )
    loop
        execute statement;
    end loop;
end $$;
