-- The tables of the feeds. Text that identifies is compared bytewise (collate "C"), as the code compares it.
-- What is held about a person has a column `subject` or `subjects`: erasing the person deletes it.

create table messages (
    number bigint generated always as identity primary key,
    feed text not null,
    digest bytea not null,
    origin text not null,
    received timestamptz not null,
    attributes text not null,
    body bytea not null,
    detail bytea,
    fetched timestamptz,
    status text not null default 'new' check (status in ('new', 'done', 'waiting', 'dead', 'discarded')),
    waiting_since timestamptz,
    alarmed boolean not null default false,
    waits text not null default '[]',
    letters text not null default '[]',
    release text not null default '',
    closed_because text,
    depends text[] collate "C" not null default '{}',
    subjects text[] collate "C" not null default '{}',
    unique (feed, digest)
);
comment on table messages is 'What the sources sent, as it came, with what was fetched for it and what became of it.';
comment on column messages.digest is 'By which a message that is sent again is known.';
comment on column messages.depends is 'Keys of what was looked up for it: when one changes, it is read again.';
comment on column messages.release is 'The code tables by which it was read last.';
create index messages_depends on messages using gin (depends);
create index messages_subjects on messages using gin (subjects);
create index messages_open on messages (number) where status in ('new', 'waiting', 'dead');

create table stated (
    feed text not null,
    record text collate "C" not null,
    part text collate "C" not null,
    about text collate "C" not null,
    subject text collate "C" not null,
    type text collate "C" not null,
    key text collate "C" not null,
    data text not null,
    happened timestamptz not null,
    recorded timestamptz not null,
    primary key (subject, type, key, feed, record, part)
);
comment on table stated is 'What each record of a source says of each fact.';
comment on column stated.about is 'Which of the people of a record the fact is about, as the source names them.';
create index stated_record on stated (feed, record);

create table versions (
    feed text not null,
    record text collate "C" not null,
    part text collate "C" not null,
    recorded timestamptz not null,
    primary key (feed, record, part)
);
comment on table versions is 'When a source spoke last of the whole of a record (part *) or of one of its parts.';

create table facts (
    subject text collate "C" not null,
    type text collate "C" not null,
    key text collate "C" not null,
    data text,
    happened timestamptz not null,
    recorded timestamptz not null,
    primary key (subject, type, key)
);
comment on table facts is 'How each fact holds, from all records. No data: it was voided. Types in small letters are internal.';
create index facts_key on facts (type, key) where data is not null;

create table erased (
    hash bytea primary key
);
comment on table erased is 'Keyed hashes of erased people, and of no name, by which the key is known again.';

create table offsets (
    topic text not null,
    partition integer not null,
    next_offset bigint not null,
    primary key (topic, partition)
);
comment on table offsets is 'Where to read on, stored with what was read.';

-- The relay (shared/engine/relay.py) publishes from these, as in every service.
create table outbox (
    id bigint generated always as identity primary key,
    topic text not null,
    key bytea,
    event_id text not null,
    value bytea,
    headers bytea not null
);
comment on table outbox is 'What is to be published, in order; a row is deleted when the broker has it.';

create table own_offsets (
    partition integer primary key,
    next_offset bigint not null
);
comment on table own_offsets is 'Asked for by the relay; empty, because the feeds have no topic of their own.';

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
    unique (topic, partition, incarnation, "offset")
);
comment on table dead_letters is 'Events of ours that the broker refused for ever.';
