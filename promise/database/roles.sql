-- What our roles may do on the server and in this database, whatever is in it. Run by its administrator, and only when
-- the database is new or this text has changed. The roles themselves are made by roles.py, for their passwords.

-- The owner is what people and tools sign in as; the others have each one part of the work.
grant promise_loader, promise_transformer, promise_releaser to promise_owner;

-- A reader that hangs, or was forgotten, gives back what it holds. The longest of our own statements takes seconds.
alter role promise_reader connection limit 50; -- of the embedded server's 120; Metabase keeps up to 15
alter role promise_reader set statement_timeout = '5min';
alter role promise_reader set idle_in_transaction_session_timeout = '5min';
-- Who is at work with councils reads what every reader reads, and `restricted`.
grant promise_reader to promise_staff;
alter role promise_staff connection limit 10;
alter role promise_staff set statement_timeout = '5min';
alter role promise_staff set idle_in_transaction_session_timeout = '5min';

do $$
declare
    login name;
begin
    -- The owner sees what analysts made, too.
    for login in select rolname from pg_roles where starts_with(rolname, 'promise_analyst_') loop
        execute format('grant %I to promise_owner', login);
    end loop;
    execute format('revoke temporary on database %I from public', current_database());
    execute format('grant temporary on database %I to promise_owner, promise_loader, promise_transformer,'
        ' promise_releaser, promise_analyst', current_database());
    -- The schemas of a build and of what is shown are made and dropped by those who fill them.
    execute format('grant create on database %I to promise_owner, promise_transformer, promise_releaser',
        current_database());
end $$;
revoke create on schema public from public;

-- Who reads what a role makes. Not in a schema, because these would be dropped with it.
alter default privileges for role promise_owner
    grant select on tables to promise_loader, promise_transformer, promise_releaser, promise_analyst;
alter default privileges for role promise_loader grant select on tables to promise_transformer, promise_analyst;
alter default privileges for role promise_loader grant usage on schemas to promise_transformer, promise_analyst;
alter default privileges for role promise_transformer grant select on tables to promise_releaser, promise_analyst;
alter default privileges for role promise_transformer grant usage on schemas to promise_releaser, promise_analyst;
alter default privileges for role promise_releaser grant select on tables to promise_transformer, promise_analyst;
alter default privileges for role promise_releaser grant usage on schemas to promise_transformer, promise_analyst;

-- Who keeps a build or a release from exchanging something is named by process, application and age.
do $$
begin
    if pg_has_role('pg_read_all_stats', 'member with admin option') then
        grant pg_read_all_stats to promise_transformer, promise_releaser;
    end if;
end $$;

-- Two things that PostgreSQL lets anybody do, and that a superuser, as the embedded server's is, may take from them: to
-- hold a number for as long as they like, and to leave large objects behind. None of our code depends on the one or the
-- other, because on a server from outside they stay with everybody.
do $$
declare
    routine regprocedure;
begin
    if (select rolsuper from pg_roles where rolname = current_user) then
        for routine in
            select oid
            from pg_proc
            where pronamespace = 'pg_catalog'::regnamespace
                and (proname ~ '^pg_(try_)?advisory_(xact_)?lock' or proname in ('lo_creat', 'lo_create', 'lo_from_bytea'))
        loop
            execute format('revoke execute on function %s from public', routine);
        end loop;
    end if;
end $$;
