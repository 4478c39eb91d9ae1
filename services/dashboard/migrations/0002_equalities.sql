-- The tables by group of people, one set for each quarter. They are made once and never change, whatever is
-- corrected or built anew later: what was shown cannot be compared with another version of it.
create table equality_tables (
    quarter text primary key,
    made_on date not null,
    policy text not null
);

-- How many of a group, and of everybody else, achieved what a measure counts, of how many, rounded. Null: not
-- shown, so that no small number can be worked out. `pdu_key` is '*' for a region as a whole; `region` is
-- empty for the nation.
create table equalities (
    quarter text not null references equality_tables,
    measure text not null,
    "group" text not null,
    region text not null,
    pdu_key text not null,
    pdu text not null,
    achieved integer,
    total integer,
    others_achieved integer,
    others_total integer,
    primary key (quarter, measure, "group", region, pdu_key)
);
