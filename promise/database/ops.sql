-- What the machinery knows about itself: what was looked for, what was landed, what was built, checked and released.
-- Idempotent: run at every start. Columns are only ever added.

create schema if not exists raw;
create schema if not exists ops;
create schema if not exists staging;
create schema if not exists intermediate;
create schema if not exists marts;
create schema if not exists methods;

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
    arrival        text not null default 'pending' check (arrival in ('pending', 'accepted', 'rejected')),
    arrival_reason text,                           -- why it was rejected, as shown to people
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
    fingerprint   text not null,                   -- hash of accepted and pending vintages and of the code that would build them
    vintages      integer[] not null,
    started_at    timestamptz not null default clock_timestamp(),
    ended_at      timestamptz,
    state         text not null default 'running' check (state in ('running', 'released', 'refused', 'failed')),
    message       text,
    release_id    integer
);

-- The time as at which a run builds: one moment for all of its models, so that an embargo ends for all of them at once.
-- Outside a run it is now.
create or replace function ops.as_at() returns timestamptz language sql stable
    as 'select coalesce((select max(started_at) from ops.warehouse_run where state = ''running''), now())';

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
    severity      text not null check (severity in ('critical', 'warning', 'info')),
    success       boolean not null,
    element_count bigint,                          -- how many rows there were to check; 0 is a vacuous pass and counts as a failure
    unexpected_count bigint,
    sample        jsonb,                           -- offending rows with their addresses, at most 20
    why           text not null,
    checked_at    timestamptz not null default clock_timestamp()
);
create index if not exists expectation_result_run on ops.expectation_result (run_id);

create table if not exists ops.release (
    release_id   integer primary key,
    run_id       bigint not null references ops.warehouse_run,
    schema_name  text not null unique,
    state        text not null default 'candidate' check (state in ('candidate', 'current', 'superseded', 'refused', 'dropped')),
    created_at   timestamptz not null default clock_timestamp(),
    released_at  timestamptz,
    reason       text
);
create sequence if not exists ops.release_number as integer owned by ops.release.release_id;
create unique index if not exists release_one_current on ops.release (state) where state = 'current';
