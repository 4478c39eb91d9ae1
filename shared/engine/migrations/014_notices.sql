-- What entities tell every case, such as a region that its work is suspended.
create table notices (
    subject text collate "C" primary key,
    notice text not null
);
comment on table notices is 'What entities tell every case: when one changes, all cases are assessed again.';

alter table clock add column rules_since integer not null default 0;
update clock set rules_since = release;
comment on column clock.release is 'The newest release: counts changes of rules, of policy and of the notices of entities.';
comment on column clock.rules_since is 'The release since which these rules and this policy are at work.';
comment on column cases.release is 'The release at which the case was assessed last: see the clock.';
