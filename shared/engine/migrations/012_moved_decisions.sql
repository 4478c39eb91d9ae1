-- What was raised of a decision's type is a decision that moved with a record, or a finding of the same type.
alter table lost_events add column moved boolean not null default false;
comment on column lost_events.moved is 'Whether it is a decision of another record that stands here since a merge.';
