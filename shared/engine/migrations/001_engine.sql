-- The tables of the engine: the same in every service's database.
-- Text that identifies is compared bytewise (collate "C"), as the code compares it.

create table journal (
    number bigint generated always as identity,
    source text collate "C" not null,
    id text collate "C" not null,
    subject text collate "C" not null,
    type text not null,
    key text collate "C" not null,
    month integer,
    recorded timestamptz not null,
    day date,
    body bytea not null,
    primary key (source, id)
);
comment on table journal is 'Every fact that this service consumed and every decision it took, once, in the order joined. Never changed.';
comment on column journal.key is 'Type (or thing) and correction key: which register of the case the fact belongs to.';
comment on column journal.month is 'For facts kept by month: the month of their own date.';
comment on column journal.day is 'The day reached when the fact was joined.';
create index journal_subject on journal (subject, key);
create index journal_merges on journal (key) where key like 'merged/%';

create table cases (
    subject text collate "C" primary key,
    kind text not null,
    sequence bigint not null default 0,
    release integer not null default 0,
    assessed_on date,
    wake_on date,
    merged_into text collate "C",
    status text not null default '',
    region text,
    practitioner text,
    pools text[] not null default '{}',
    waiting text[],
    quarantined text,
    state bytea
) with (fillfactor = 50, toast_tuple_target = 4080, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
comment on column cases.release is 'The release of rules and policy by which the case was assessed last.';
comment on column cases.wake_on is 'The first day on which its findings could change by themselves.';
comment on column cases.pools is 'For what is shared: where it offers itself to decisions.';
comment on column cases.waiting is 'The pools that its unfulfilled wishes wait for.';
comment on column cases.quarantined is 'Why it could not be assessed; its facts wait in the journal for recheck.';
create index cases_wake_on on cases (wake_on) where wake_on is not null;
create index cases_release on cases (release);
create index cases_pools on cases using gin (pools) where pools <> '{}';
create index cases_waiting on cases using gin (waiting) where waiting is not null;
create index cases_quarantined on cases (subject) where quarantined is not null;

create table months (
    subject text collate "C" not null,
    month integer not null,
    state bytea not null,
    primary key (subject, month)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
comment on table months is 'The monthly parts of cases; opened only when touched.';

create table outbox (
    id bigint generated always as identity primary key,
    topic text not null,
    key bytea,
    event_id text not null,
    value bytea,
    headers bytea not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000, autovacuum_vacuum_cost_delay = 0);
comment on table outbox is 'What is to be published, in order; a row is deleted when the broker has it.';

create table clock (
    one boolean primary key default true check (one),
    day date,
    release integer not null default 0,
    digest text not null default ''
);
insert into clock default values;
comment on table clock is 'The day reached, and the newest release of rules and policy.';

create table changed_pools (
    pool text primary key
);
comment on table changed_pools is 'Pools in which something changed: who waits for them is assessed again.';

create table offsets (
    topic text not null,
    partition integer not null,
    incarnation text not null,
    next_offset bigint not null,
    primary key (topic, partition)
) with (fillfactor = 50);
comment on table offsets is 'Where to read on, stored with what was read; the truth after a restore.';

create table dead_letters (
    number bigint generated always as identity primary key,
    topic text not null,
    partition integer not null,
    "offset" bigint not null,
    incarnation text not null,
    reason text not null,
    explanation text not null,
    key bytea,
    value bytea,
    headers bytea not null,
    received timestamptz not null,
    status text not null default 'open' check (status in ('open', 'redriven', 'discarded')),
    closed_because text,
    unique (topic, partition, incarnation, "offset")
);
comment on table dead_letters is 'Messages that could not be understood, as they came, with the reason.';
create index dead_letters_open on dead_letters (number) where status = 'open';
