-- What the machinery knows about itself: what was looked for, what was landed, what was built, checked and released.
-- Idempotent: run at every start. Columns are only ever added.

create schema if not exists raw;
create schema if not exists ops;
create schema if not exists staging;
create schema if not exists intermediate;
create schema if not exists published;
create schema if not exists marts;
create schema if not exists methods;
create schema if not exists restricted;

-- One landed file that was loaded into raw: the ledger. A vintage is visible in raw exactly when its row is here,
-- because the row and the partition are committed together.
create table if not exists ops.vintage (
    vintage        integer primary key,
    source_id      text not null,
    snapshot_id    text not null,                  -- sha256 of the landed bytes, hex
    publication_id text,                           -- when the whole file is one publication; else each row says
    file_name      text not null,
    requested_url  text not null,
    final_url      text not null,
    retrieved_at   timestamptz not null,
    media_type     text not null,
    size_bytes     bigint not null,
    row_count      bigint not null,                -- one landed file becomes one raw table
    loaded_at      timestamptz not null default clock_timestamp(),
    arrival        text not null default 'pending' check (arrival in ('pending', 'accepted', 'held', 'rejected', 'forgotten')),
    arrival_reason text,                           -- why it is held or rejected, as shown to people
    judged_at      timestamptz
);
create sequence if not exists ops.vintage_number as integer owned by ops.vintage.vintage;
create index if not exists vintage_source on ops.vintage (source_id, vintage);
-- Not before this time is the vintage in any release: the publisher's embargo. Until then it is landed and checked only.
alter table ops.vintage add column if not exists not_before timestamptz;
-- The first day that the project certainly held this file, where that is earlier than the day this installation took it.
alter table ops.vintage add column if not exists held_since date;
-- sha256 of the cells, for publishers that regenerate their file on every request; null where the bytes decide.
alter table ops.vintage add column if not exists cells_hash text;
-- What each of our columns is headed by in this file: publishers rename headings, and a cell is named by the file's own.
alter table ops.vintage add column if not exists headings jsonb;
-- A file that no rule refuses and a person must look at is held: not used, as if it were rejected, until somebody decides.
-- One of which something personal had slipped through is forgotten: of it there is this row, and nothing that it said.
do $$ begin
    if not exists (
        select from pg_constraint where conrelid = 'ops.vintage'::regclass and conname = 'vintage_arrival_check'
            and pg_get_constraintdef(oid) like '%forgotten%'
    ) then
        alter table ops.vintage drop constraint vintage_arrival_check,
            add constraint vintage_arrival_check check (arrival in ('pending', 'accepted', 'held', 'rejected', 'forgotten'));
    end if;
end $$;

-- What was forgotten: that, when, by whom, why and how much in which place, never what. A row for each file; one without
-- a file where none held the value. A file is landed no more until somebody allows it.
create table if not exists ops.forgotten (
    forgotten_id bigint generated always as identity primary key,
    snapshot_id  text,
    forgotten_by text not null,
    forgotten_at timestamptz not null default clock_timestamp(),
    why          text not null check (why ~ '\S'),
    removed      jsonb not null,                   -- how much, by place
    allowed_by   text,
    allowed_at   timestamptz,
    allowed_why  text
);
create index if not exists forgotten_snapshot on ops.forgotten (snapshot_id);

-- What people decided of vintages that were held, and why. The last decision on a vintage counts.
create table if not exists ops.decision (
    decision_id bigint generated always as identity primary key,
    vintage     integer not null references ops.vintage,
    decision    text not null check (decision in ('accept', 'reject')),
    decided_by  text not null,
    decided_at  timestamptz not null default clock_timestamp(),
    why         text not null check (why ~ '\S')
);
create index if not exists decision_vintage on ops.decision (vintage, decision_id desc);
-- Which revision of its shape's reader gave its texts; null where that was the first. An older one's are read again.
alter table ops.vintage add column if not exists reader_revision integer;
-- How its source's entry said that it is read, as a digest; null: of before that was kept. Read otherwise it is read again.
alter table ops.vintage add column if not exists read_as text;

-- What a vintage that was read again is, where its texts are others: to be judged anew. The loader has this instead of
-- the right to change a verdict.
create or replace function ops.judge_anew(number integer, read_rows bigint, read_cells text) returns void
    language sql security definer set search_path = pg_catalog
    as $$update ops.vintage set row_count = read_rows, cells_hash = read_cells, arrival = 'pending', arrival_reason = null, judged_at = null where vintage = number$$;
revoke execute on function ops.judge_anew(integer, bigint, text) from public;
grant execute on function ops.judge_anew(integer, bigint, text) to promise_loader;

-- Every attempt to get something from a publisher, also those that found nothing or failed.
create table if not exists ops.ingest_attempt (
    attempt_id  bigint generated always as identity primary key,
    source_id   text not null,
    started_at  timestamptz not null,
    ended_at    timestamptz not null default clock_timestamp(),
    outcome     text not null check (outcome in ('new', 'unchanged', 'unavailable', 'changed', 'failed')),
    snapshot_id text,
    vintage     integer,
    message     text
);
create index if not exists ingest_attempt_source on ops.ingest_attempt (source_id, attempt_id desc);

-- What the publication calendar found late, one row for each issue that did not come in time: the alert's memory, so that
-- it is raised once and not each morning.
create table if not exists ops.late_source (
    source_id      text not null,
    expected_until date not null,
    state          text not null check (state in ('late', 'overdue')),
    basis          text not null,                  -- what that rests on, as shown to people
    first_seen_at  timestamptz not null default clock_timestamp(),
    seen_at        timestamptz not null default clock_timestamp(),
    ended_at       timestamptz,                    -- when it was late no more
    primary key (source_id, expected_until)
);

-- One run of the warehouse over one head of the ledger and one state of the code.
create table if not exists ops.warehouse_run (
    run_id        bigint generated always as identity primary key,
    fingerprint   text not null,                   -- hash of the vintages, what people decided of them and the code that would build them
    vintages      integer[] not null,
    started_at    timestamptz not null default clock_timestamp(),
    ended_at      timestamptz,
    state         text not null default 'running' check (state in ('running', 'released', 'refused', 'failed')),
    message       text,
    release_id    integer
);

-- One lock for everything that makes or replaces a release: the one row that says 'running'. A run of Airflow is several
-- processes; whatever is one process says which connection stands for it, and is gone when that is.
alter table ops.warehouse_run add column if not exists maker text not null default 'airflow';
alter table ops.warehouse_run add column if not exists backend_pid integer;
alter table ops.warehouse_run add column if not exists backend_start timestamptz;
update ops.warehouse_run set state = 'failed', ended_at = clock_timestamp(), message = 'did not end'
    where state = 'running' and run_id < (select max(run_id) from ops.warehouse_run where state = 'running');
create unique index if not exists warehouse_run_one_running on ops.warehouse_run (state) where state = 'running';

-- The vintages among those of a run that were held, and a person had accepted.
alter table ops.warehouse_run add column if not exists accepted_by_people integer[] not null default '{}';
-- Which vintages what the run built is of, and those that it rejected because a check of what was built of them failed.
-- Null: not known, or not built yet.
alter table ops.warehouse_run add column if not exists built_of integer[];
alter table ops.warehouse_run add column if not exists rejected integer[] not null default '{}';

-- The time as at which a run builds: one moment for all of its models, so that an embargo ends for all of them at once.
-- Outside a run it is now.
create or replace function ops.as_at() returns timestamptz language sql stable
    as 'select coalesce((select max(started_at) from ops.warehouse_run where state = ''running''), now())';

-- The figures that we withhold: with each somebody could work out one that its publisher withholds. Decided by each run of
-- what it builds (docs/disclosure.md); the reason never says what could be worked out.
create table if not exists ops.protection (
    measure_id      text not null,
    area_code       text not null,
    period_start    date not null,
    period_end      date not null,
    breakdown       text not null,
    breakdown_value text not null,
    reason          text not null,
    run_id          bigint references ops.warehouse_run,
    decided_at      timestamptz not null default clock_timestamp(),
    primary key (measure_id, area_code, period_start, period_end, breakdown, breakdown_value)
);

-- Of which reading the rows are that a table of `intermediate` has of each vintage, in those tables that keep what they read
-- (dbt/macros/by_vintage.sql). Written with the rows, in one transaction; what is not here is read.
create table if not exists ops.reading (
    relation text not null,
    vintage  integer not null,
    read_by  text not null,                        -- hash of the code, functions and lists by which it was read
    read_of  text not null,                        -- hash of its entry in the ledger and of the rows that were read
    made     text not null,                        -- how many rows, written by which transaction, in which columns
    primary key (relation, vintage)
);

-- Of which files the seeds, functions and views of `staging` were made last, all of them, and what there was then; no row
-- where that is not known. What stands is not made again (warehouse/staged.py).
create table if not exists ops.staged (
    files text not null,
    made  text not null
);

create table if not exists ops.dbt_result (
    run_id        bigint not null references ops.warehouse_run,
    stage         text not null,
    unique_id     text not null,
    resource_type text not null,
    status        text not null,
    seconds       numeric not null,
    rows_affected bigint,
    failures      bigint,
    message       text,
    primary key (run_id, unique_id)
);

-- What dbt knew of the models when a run built them, gzipped JSON: from it analysts' builds learn where a release has what
-- they do not build themselves, and what they changed. Kept as long as the release is.
create table if not exists ops.dbt_manifest (
    run_id   bigint primary key references ops.warehouse_run,
    manifest bytea not null
);

create table if not exists ops.expectation_result (
    result_id     bigint generated always as identity primary key,
    run_id        bigint not null references ops.warehouse_run,
    gate          text not null check (gate in ('arrival', 'publication')),
    suite         text not null,                   -- arrival: the source; publication: the table
    vintage       integer,
    expectation   text not null,
    column_name   text,
    severity      text not null check (severity in ('critical', 'hold', 'warning', 'info')),  -- hold: a person decides
    success       boolean not null,
    element_count bigint,                          -- how many rows there were to check; 0 is a vacuous pass and counts as a failure
    unexpected_count bigint,
    sample        jsonb,                           -- offending rows with their addresses, at most 20
    why           text not null,
    checked_at    timestamptz not null default clock_timestamp()
);
create index if not exists expectation_result_run on ops.expectation_result (run_id);
create index if not exists expectation_result_vintage on ops.expectation_result (vintage);
-- What would be right, what to do where it is not, and what kept the check from being made, as shown to people.
alter table ops.expectation_result add column if not exists expected text;
alter table ops.expectation_result add column if not exists remedy text;
alter table ops.expectation_result add column if not exists trouble text;
do $$ begin
    if not exists (
        select from pg_constraint where conrelid = 'ops.expectation_result'::regclass
            and conname = 'expectation_result_severity_check' and pg_get_constraintdef(oid) like '%hold%'
    ) then
        alter table ops.expectation_result drop constraint expectation_result_severity_check,
            add constraint expectation_result_severity_check check (severity in ('critical', 'hold', 'warning', 'info'));
    end if;
end $$;

-- What readers see. Kept releases are those that can be shown at once: the current one, and one before or after it.
create table if not exists ops.release (
    release_id   integer primary key,
    run_id       bigint not null references ops.warehouse_run,
    schema_name  text unique,                      -- of a release of before there were slots: where its tables are
    state        text not null default 'candidate' check (state in ('candidate', 'current', 'superseded', 'refused', 'dropped')),
    created_at   timestamptz not null default clock_timestamp(),
    released_at  timestamptz,
    reason       text,                             -- why it was rolled back from, or is no longer offered
    -- The functions of `methods`, which are remade when it is shown: a list of objects name, definition, comment.
    methods      jsonb,
    -- A rollback holds from the one moment to the other: until then no release is shown in place of the one gone back to.
    refused_at   timestamptz,
    allowed_at   timestamptz,
    -- The transaction that showed it last: what of the release before it may be cleared once nobody's snapshot is older.
    shown_by     xid8
);
create sequence if not exists ops.release_number as integer owned by ops.release.release_id;
create unique index if not exists release_one_current on ops.release (state) where state = 'current';
-- Every reader of a mart reads this table, so that altering it waits for all of them, also where there is nothing to alter.
do $$ begin
    if not exists (
        select from pg_attribute where attrelid = 'ops.release'::regclass and attname = 'shown_by' and not attisdropped
    ) then
        alter table ops.release alter column schema_name drop not null, add column methods jsonb,
            add column refused_at timestamptz, add column allowed_at timestamptz, add column shown_by xid8;
    end if;
end $$;

-- The verdict on the candidate of a run, and what exactly it was on. Only that can be released.
alter table ops.warehouse_run add column if not exists gate_passed_at timestamptz;
create table if not exists ops.sealed_mart (
    run_id       bigint not null references ops.warehouse_run,
    mart         text not null,
    row_count    bigint not null,
    content_hash text not null,
    primary key (run_id, mart)
);

-- The tables of `published`, list-partitioned by `slot` into three. One whose shape differs is another table: its first
-- has the name of the mart.
create table if not exists ops.published_table (
    parent text primary key,
    mart   text not null,
    shape  text not null                           -- md5 of columns and indexes
);
-- The schema in which it is shown, kept with it: the code of another day may know its mart no more, or elsewhere. That of
-- before is public where readers see it now, two marts of staff apart; of whatever else there is, nothing is shown to them.
do $$ begin
    if not exists (
        select from pg_attribute where attrelid = 'ops.published_table'::regclass and attname = 'shown_in'
    ) then
        alter table ops.published_table add column shown_in text not null default 'restricted'
            check (shown_in in ('marts', 'restricted'));
        update ops.published_table set shown_in = 'marts'
            where mart in (select viewname from pg_views where schemaname = 'marts')
            and mart not in ('fct_signal', 'fct_signal_backtest');
    end if;
end $$;

-- In which slot of which table a kept release has each of its marts. Releases share what did not change.
create table if not exists ops.release_mart (
    release_id   integer not null references ops.release,
    mart         text not null,
    parent       text not null references ops.published_table,
    slot         smallint not null check (slot in (1, 2, 3)),
    row_count    bigint not null,
    content_hash text not null,
    primary key (release_id, mart)
);

-- The slots that are emptied, however small, as soon as nobody's snapshot is of them: what a release showed in them is
-- withheld by now.
create table if not exists ops.slot_to_empty (
    parent text not null references ops.published_table on delete cascade,
    slot   smallint not null check (slot in (1, 2, 3)),
    primary key (parent, slot)
);

-- Of which release the site, or Metabase, was drawn last: it is behind while that is not the one that is shown.
create table if not exists ops.drawn (
    consumer   text primary key,                   -- site or metabase
    release_id integer not null,
    drawn_at   timestamptz not null default clock_timestamp()
);

-- What we made on a server of somebody's, such as Metabase, and by what it can be found there again: the server gives
-- numbers and identities, and takes none of ours.
create table if not exists ops.provisioned (
    server   text not null,                        -- its address
    item_key text not null,                        -- ours: card/council_map
    number   integer not null,
    identity text not null,                        -- the server's own for it: the number may be another thing's later
    noted_at timestamptz not null default clock_timestamp(),
    primary key (server, item_key)
);

-- The pointer, as each view of `marts` asks it. MVCC makes the swap: each snapshot sees one release, whole.
do $$ begin
    if to_regclass('ops.shown') is null then
        create view ops.shown as
            select mart, parent, slot from ops.release_mart join ops.release using (release_id) where state = 'current';
    end if;
end $$;

-- No row of the pointer is an error, never an empty mart.
create or replace function ops.not_shown(mart text) returns smallint language plpgsql stable parallel safe as $$ begin
    raise exception 'marts.% as this transaction would read it is in no release that it sees', mart
        using errcode = 'object_not_in_prerequisite_state',
              hint = 'The transaction is older than the mart, or the release that is shown now has the mart in another '
                     'shape or not at all: end the transaction, and make anew what was built on the mart.';
end $$;
