-- Airflow's own database: its role's alone, also where the revision before had made it as the superuser.
do $$
declare
    statement text;
begin
    execute format('revoke all on database %I from public', current_database());
    for statement in
        select format('alter table %s owner to promise_airflow', class.oid::regclass)
        from pg_class as class
        where
            class.relnamespace = 'public'::regnamespace and class.relkind in ('r', 'p', 'v', 'm', 'S')
            and class.relowner <> 'promise_airflow'::regrole
            and not exists (
                select from pg_depend as link
                where
                    link.classid = 'pg_class'::regclass and link.objid = class.oid and class.relkind = 'S'
                    and link.deptype in ('a', 'i') and link.refobjsubid > 0
            )
        union all
        select format('alter type %s owner to promise_airflow', type.oid::regtype)
        from pg_type as type
        where
            type.typnamespace = 'public'::regnamespace and type.typtype in ('e', 'd')
            and type.typowner <> 'promise_airflow'::regrole
        union all
        select format('alter routine %s owner to promise_airflow', routine.oid::regprocedure)
        from pg_proc as routine
        where routine.pronamespace = 'public'::regnamespace and routine.proowner <> 'promise_airflow'::regrole
    loop
        execute statement;
    end loop;
end $$;
