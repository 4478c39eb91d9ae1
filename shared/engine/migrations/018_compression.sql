-- A state is written with almost every fact. With lz4 that takes a third of the time that it takes with PostgreSQL's
-- own compression, where it is long. Some builds of PostgreSQL do not have it.
do $$ begin
    if exists (select from pg_settings where name = 'default_toast_compression' and 'lz4' = any(enumvals)) then
        alter table cases alter column state set compression lz4;
    end if;
end $$;
