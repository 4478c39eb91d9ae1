alter table offsets add column incarnation text not null default '';
comment on column offsets.incarnation is 'The id that Kafka gave the topic: one that was made anew is read from its start.';
