-- Every event that was read, once. `withdraws` is the id of the event that it withdraws. `heard` says that it
-- came on its own topic: one that only came on a compacted topic does not count in the sequence.
create table events (
    source text not null,
    id text not null,
    type text not null,
    subject text not null,
    at timestamptz not null,
    known_on date not null,
    sequence integer,
    withdraws text,
    heard boolean not null,
    partition integer not null,
    "offset" bigint not null,
    body bytea not null,
    primary key (source, id)
);
create index on events (subject, type);
create index on events (subject) where type = 'CaseAccessChanged';
create index on events (source, withdraws) where withdraws is not null;
create index on events (source, subject, sequence) where heard;

-- What stands for a subject in addresses, whether access to the case is limited, and the number under which
-- the person is recorded now, if that is another one. `fault` says why its rows are missing, if they are.
-- `version` is that of the model (see `state`) when something new became known.
create table subjects (
    subject text primary key,
    token text not null unique,
    limited boolean not null,
    merged_into text,
    fault text,
    version bigint not null
);
create index on subjects (version);
create index on subjects (fault) where fault is not null;
create index on subjects (merged_into) where merged_into is not null;

-- What waits for somebody. `pdu_key` compares the names of delivery units. `details` are those of the event
-- (shared/answers/describing.py) as JSON: pages put them in words, in the language of the viewer.
create table items (
    event_id text primary key,
    subject text not null,
    about text not null,
    type text not null,
    title text not null,
    details text not null,
    step text not null,
    role text not null,
    who text,
    practitioner_id text,
    team text not null,
    region text not null,
    pdu text not null,
    pdu_key text not null,
    due_on date,
    rules text[] not null,
    limited boolean not null
);
create index on items (subject);
create index on items (due_on, type, event_id);
create index on items (region, due_on, type, event_id);
create index on items (region, pdu_key, due_on, type, event_id);
create index on items (type, due_on, event_id);
create index on items (team, due_on, type, event_id);
create index on items (practitioner_id);
create index on items (who);
create index on items (type) where about <> 'person';
create index on items (region, pdu_key) where limited;

-- How many items are open in each place, by part of the list (parts.py), and how many of limited-access cases.
create table open_counts (
    region text not null,
    pdu_key text not null,
    team text not null,
    type text not null,
    part text not null,
    number integer not null,
    limited integer not null,
    primary key (region, pdu_key, team, type, part)
);

-- How the names of delivery units are spelt.
create table units (
    region text not null,
    pdu_key text not null,
    pdu text not null,
    primary key (region, pdu_key)
);

-- Who is responsible for each sentence.
create table responsible (
    subject text not null,
    sentence_id text not null,
    practitioner_id text not null,
    manager_id text,
    team text not null,
    region text not null,
    pdu text not null,
    pdu_key text not null,
    since date not null,
    provisional boolean not null,
    ended_on date,
    primary key (subject, sentence_id)
);
create index on responsible (practitioner_id);
create index on responsible (region, pdu_key, team);
create index on responsible (ended_on);

-- What each subject adds to each measure (shared/answers/measures.py), by place and month. A person with several
-- numbers has them under the least one. `groups` are the groups of people they are counted in.
create table contributions (
    subject text not null,
    measure text not null,
    region text not null,
    pdu_key text not null,
    pdu text not null,
    month text not null,
    kind text not null,
    achieved bigint not null,
    total bigint not null,
    groups text[] not null
);
create index on contributions (subject);

-- The sums of the contributions over each delivery unit, and over each region (`pdu_key` is '*'), of everybody
-- (`group` is '') by kind, and of each group of all kinds. `cases` is how many contributions there are.
create table sums (
    "group" text not null,
    region text not null,
    pdu_key text not null,
    month text not null,
    measure text not null,
    kind text not null,
    achieved bigint not null,
    total bigint not null,
    cases bigint not null,
    primary key ("group", region, pdu_key, month, measure, kind)
);
create index on sums ("group", measure, region, pdu_key, month);
create index on sums ((true)) where cases = 0;

-- Whose contributions are still to be counted, while a model is being built.
create table uncounted (subject text primary key);

-- Practitioners as the allocations have told: their place, and their workload after the latest one. `people` is
-- for how many they are responsible on the day reached.
create table practitioners (
    practitioner_id text primary key,
    percent double precision,
    percent_at timestamptz,
    manager_id text,
    team text,
    region text,
    pdu text,
    pdu_key text,
    place_at timestamptz,
    people integer not null default 0
);
create index on practitioners (region, pdu_key, team, practitioner_id);

-- The same for each team: `percent` is the average, and `people` those of its practitioners, wherever a sentence was
-- recorded (a delivery unit may have had another name then).
create table teams (
    region text not null,
    pdu_key text not null,
    team text not null,
    pdu text not null,
    practitioners integer not null,
    percent double precision,
    people integer not null,
    primary key (region, pdu_key, team)
);

-- How many of a service's events about a subject were read, and their first and last numbers.
create table sequences (
    source text not null,
    subject text not null,
    partition integer not null,
    first integer not null,
    last integer not null,
    held integer not null,
    tried_at timestamptz,
    primary key (source, subject)
);
create index on sequences ((last - held)) where last > held;

-- Where reading goes on. `began` is the first offset that the log had when it was read from its beginning.
create table offsets (
    topic text not null,
    partition integer not null,
    topic_id text not null,
    next_offset bigint not null,
    began bigint not null,
    primary key (topic, partition)
);

-- How many events there are from each source.
create table held (source text primary key, number bigint not null);

-- Where something that pages show changed, and of whose cases: the version of the model with the latest change.
create table changes (
    region text not null,
    pdu_key text not null,
    practitioner_id text not null,
    version bigint not null,
    primary key (region, pdu_key, practitioner_id)
);
create index on changes (version);

-- People who were erased, as keyed hashes.
create table erased (hash bytea primary key);

-- Messages that services refused, without what they say. `origin` is the topic, partition and offset they came from.
create table dead_letters (
    service text not null,
    origin text not null,
    reason text not null,
    explanation text not null,
    at timestamptz,
    primary key (service, origin)
);

-- One row: the day reached, when all that was on the topics had been read, and how much could not be read.
-- `counted` says that contributions are kept as events come: not until all has been read for the first time.
-- `version` grows with each batch that was taken.
create table state (
    one boolean primary key default true check (one),
    day date,
    up_to timestamptz,
    unreadable bigint not null default 0,
    counted boolean not null default true,
    version bigint not null default 0
);
insert into state default values;

-- Numbers that are missing. Retention may have removed what came before the first one that was read.
create view gaps as
select s.source, s.subject, s.partition, s.tried_at,
       case when o.began > 0 then s.last - s.first + 1 - s.held else s.last - s.held end as missing
from sequences s
left join offsets o on o.topic = split_part(s.source, '/', 3) and o.partition = s.partition
where s.last > s.held and (coalesce(o.began, 0) = 0 or s.last - s.first + 1 > s.held);

create view open_items as
select i.*, s.token from items i join subjects s on s.subject = i.subject;
