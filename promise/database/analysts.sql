-- People who write dbt models: they read everything, and make schemas of their own, dev_<user>_…, and nothing else.
-- PostgreSQL cannot limit the names of the schemas that somebody makes, so a function makes them. Idempotent: run at
-- every start.

-- What the schemas of whoever signed in begin with. There is no underscore in a user's part, so that nobody's names can
-- begin with another's. session_user, because current_user is the owner inside the functions below.
create or replace function ops.dev_prefix() returns text language sql stable set search_path = pg_catalog
    as $$select format('dev_%s_', regexp_replace(regexp_replace(lower(session_user), '^promise_analyst_', ''), '[^a-z0-9]', '', 'g'))$$;

create or replace function ops.create_dev_schema(name text) returns void language plpgsql security definer
    set search_path = pg_catalog as $body$
begin
    if not starts_with(name, ops.dev_prefix()) then
        raise exception 'schema % is another''s: %, who is signed in, makes schemas that begin with %',
            name, session_user, ops.dev_prefix()
            using errcode = 'insufficient_privilege';
    end if;
    if exists (select from pg_namespace where nspname = name and not has_schema_privilege(session_user, oid, 'create')) then
        raise exception 'schema % is there and is another''s, who has the same name: choose another with PROMISE_USER', name
            using errcode = 'insufficient_privilege';
    end if;
    execute format('create schema if not exists %I', name);
    execute format('grant usage, create on schema %I to %I', name, session_user);
end $body$;

create or replace function ops.drop_dev_schemas() returns setof text language plpgsql security definer
    set search_path = pg_catalog as $body$
declare
    own text;
begin
    for own in select nspname from pg_namespace where starts_with(nspname, ops.dev_prefix())
               and has_schema_privilege(session_user, oid, 'create') order by nspname
    loop
        execute format('drop schema %I cascade', own);
        return next own;
    end loop;
end $body$;

revoke execute on function ops.create_dev_schema(text), ops.drop_dev_schemas() from public;
grant execute on function ops.create_dev_schema(text), ops.drop_dev_schemas() to promise_analyst;
