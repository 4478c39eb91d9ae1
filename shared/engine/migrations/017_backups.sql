-- Who makes a backup says so here, so that monitoring can see how old the last one is.

create table backups (
    finished timestamptz primary key default now()
);
comment on table backups is 'When each backup of this database was finished, as whoever makes them recorded it.';
