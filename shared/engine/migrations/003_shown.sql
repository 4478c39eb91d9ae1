alter table cases add column shown jsonb;
comment on column cases.shown is 'What the rules show of the case to the people who query; no rule reads it.';

alter table months add column shown jsonb;
comment on column months.shown is 'What the rules show of the month to the people who query; no rule reads it.';
