-- Messages that were taken although something in them has no effect or can hardly be right.
create table warnings (
    number bigint generated always as identity,
    id text collate "C" primary key,
    kind text not null,
    source text collate "C" not null,
    event_id text collate "C" not null,
    type text not null,
    subject text collate "C",
    topic text not null,
    partition integer not null,
    "offset" bigint not null,
    field text,
    meant text,
    explanation text not null,
    received timestamptz not null
);
comment on table warnings is 'Messages that were taken although something in them has no effect or can hardly be right. Ids and names of fields only.';
comment on column warnings.id is 'Of the event that tells it on the service''s warning topic: the same warning is kept and told once.';
comment on column warnings.meant is 'Which name was probably meant.';
create index warnings_number on warnings (number);
create index warnings_event on warnings (event_id, source);
create index warnings_subject on warnings (subject);

alter table journal add column place text;
comment on column journal.place is 'Where it came from: topic, partition and offset. Null for a decision, and for what an older release took.';
