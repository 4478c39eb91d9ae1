create table last_read (
    topic text not null,
    partition integer not null,
    incarnation text not null,
    "offset" bigint not null,
    digest bytea not null,
    primary key (topic, partition)
) with (fillfactor = 50);
comment on table last_read is
    'The last message read of each partition: if another stands at its offset, Kafka went back.';

create table topics (
    topic text primary key,
    incarnation text not null,
    partitions integer not null
);
comment on table topics is
    'The topics with their numbers of partitions when they were read first: with another, keys have moved.';
