alter table clock add column history text;
comment on column clock.history is 'In which history of the database the service last knew all that it had published: another one begins with each fail-over and each restore.';
