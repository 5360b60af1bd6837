-- What holds one thing at a time: a row for each, locked by an update of it until the transaction ends. Not a number of
-- PostgreSQL's advisory locks, which anybody who signs in may take, and keep.
create schema if not exists ops;
create table if not exists ops.lock (name text primary key);
