create view delivery_units as
select
    cases.subject as region,
    unit.key as pdu,
    unit.value as name_today
from cases
cross join lateral jsonb_each_text(cases.shown -> 'units') as unit
where cases.kind = 'region' and unit.key <> unit.value;
comment on view delivery_units is 'What delivery units that were renamed or merged are called today (REG-8); one that was split keeps its name.';

create or replace view unallocated_by_unit as
select
    open_cases.region,
    coalesce(unit.name_today, open_cases.shown ->> 'pdu') as pdu,
    open_cases.status,
    ((select day from clock) - (open_cases.shown ->> 'waiting_since')::date) as days_waiting,
    count(*) as people,
    count(open_cases.waiting) as refused
from open_cases
left join delivery_units as unit
    on unit.region = open_cases.region and lower(unit.pdu) = lower(open_cases.shown ->> 'pdu')
where open_cases.shown ->> 'waiting_since' is not null
group by open_cases.region, coalesce(unit.name_today, open_cases.shown ->> 'pdu'), open_cases.status, days_waiting;

create or replace view practitioner_workload as
select
    cases.subject as practitioner,
    cases.region,
    coalesce(unit.name_today, cases.shown ->> 'pdu') as pdu,
    cases.shown ->> 'team' as team,
    cases.status,
    (cases.shown ->> 'points')::integer as points,
    (cases.shown ->> 'available')::integer as available,
    (cases.shown ->> 'percent')::numeric as percent
from cases
left join delivery_units as unit
    on unit.region = cases.region and lower(unit.pdu) = lower(cases.shown ->> 'pdu')
where cases.kind = 'practitioner' and cases.shown is not null;

create or replace view continuity as
select
    open_cases.region,
    coalesce(unit.name_today, open_cases.shown ->> 'pdu') as pdu,
    (open_cases.shown ->> 'changes')::integer as changes,
    count(*) as people
from open_cases
left join delivery_units as unit
    on unit.region = open_cases.region and lower(unit.pdu) = lower(open_cases.shown ->> 'pdu')
where open_cases.shown ->> 'changes' is not null
group by open_cases.region, coalesce(unit.name_today, open_cases.shown ->> 'pdu'), changes;

create or replace view reviews_waiting as
select
    cases.subject,
    cases.region,
    coalesce(unit.name_today, cases.shown ->> 'pdu') as pdu,
    cases.practitioner,
    review.sentence_id,
    review.reason
from open_cases as cases
cross join lateral jsonb_to_recordset(cases.shown -> 'reviews') as review (sentence_id text, reason text)
left join delivery_units as unit
    on unit.region = cases.region and lower(unit.pdu) = lower(cases.shown ->> 'pdu');
