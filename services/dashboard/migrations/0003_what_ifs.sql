-- Results of `probation what-if`: what another policy would change. They are of no read model, since no topic has
-- them: whoever may add rows here publishes them. `id` names the trial and its content, so that the same result
-- is there once. `policy` is the name that its findings' policies carry, as in enforcement@what-if-3f2a90c1-….
-- `types`, `rules` and `months` are those that the result has.
create table what_ifs (
    id text primary key,
    policy text not null check (policy like 'what-if-%'),
    tried text[] not null,
    first_day date not null,
    last_day date not null,
    lines integer not null,
    types text[] not null,
    rules text[] not null,
    months text[] not null,
    published_by text not null default current_user,
    published_at timestamptz not null default now()
);

-- How many findings are right under the policy in force and under the one that was tried, and what differs: for
-- each delivery unit, and with '*' as its key for each region.
create table what_if_counts (
    what_if text not null references what_ifs on delete cascade,
    n integer not null,
    type text not null,
    rules text[] not null,
    region text not null,
    pdu_key text not null,
    month text not null,
    in_force integer not null,
    tried integer not null,
    appears integer not null,
    vanishes integer not null,
    changes integer not null,
    primary key (what_if, n)
);
create index on what_if_counts (what_if, pdu_key, region);

-- Each finding that differs, in words. `about` says what kind of subject it has.
create table what_if_findings (
    what_if text not null references what_ifs on delete cascade,
    n integer not null,
    kind text not null check (kind in ('appears', 'vanishes', 'changes')),
    type text not null,
    about text not null,
    subject text not null,
    limited boolean not null,
    rules text[] not null,
    region text not null,
    pdu text not null,
    pdu_key text not null,
    month text not null,
    day date not null,
    words text not null,
    in_force text not null,
    tried text not null,
    primary key (what_if, n)
);
create index on what_if_findings (subject);
create index on what_if_findings (what_if, day, n);
