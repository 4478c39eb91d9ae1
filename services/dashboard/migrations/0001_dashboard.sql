-- The read models. Each is a schema of its own, model_<id>, so that a new one can be built while the old one
-- serves. `version` names the code that fills it.
create table models (
    id integer generated always as identity primary key,
    version text not null,
    state text not null check (state in ('building', 'serving')),
    created_at timestamptz not null default now()
);
create unique index one_model_serves on models (state) where state = 'serving';

-- Who looked at which case. `person` is the keyed hash that stands for the case reference number in addresses.
create table case_views (
    id bigint generated always as identity primary key,
    at timestamptz not null default now(),
    viewer text not null,
    role text not null,
    person text not null,
    page text not null,
    shown boolean not null
);
create index on case_views (person, at);
create index on case_views (viewer, at);
