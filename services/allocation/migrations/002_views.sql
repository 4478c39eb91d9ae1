create or replace view open_cases as
select subject, status, region, practitioner, wake_on, assessed_on, waiting, quarantined, shown
from cases
where kind = 'person' and merged_into is null and status not in ('ended', 'not_supervised', '');

create view unallocated_by_unit as
select
    region,
    shown ->> 'pdu' as pdu,
    status,
    ((select day from clock) - (shown ->> 'waiting_since')::date) as days_waiting,
    count(*) as people,
    count(waiting) as refused
from open_cases
where shown ->> 'waiting_since' is not null
group by region, shown ->> 'pdu', status, days_waiting;
comment on view unallocated_by_unit is 'People without a practitioner by delivery unit and by how many days they have waited since the clock began; refused: somebody was asked and nobody could take the case.';

create view practitioner_workload as
select
    subject as practitioner,
    region,
    shown ->> 'pdu' as pdu,
    shown ->> 'team' as team,
    status,
    (shown ->> 'points')::integer as points,
    (shown ->> 'available')::integer as available,
    (shown ->> 'percent')::numeric as percent
from cases
where kind = 'practitioner' and shown is not null;
comment on view practitioner_workload is 'The workload of each practitioner: points held, points available, and the one as a percentage of the other (ALLOC-7).';

create view team_workload as
select
    cases.region,
    team.pdu,
    team.team,
    team.practitioners,
    team.cases,
    team.points,
    team.available,
    case when team.available > 0 then round(100.0 * team.points / team.available, 1) else 0 end as percent
from cases
cross join lateral jsonb_to_recordset(cases.shown -> 'teams')
    as team (pdu text, team text, practitioners integer, cases integer, points integer, available integer)
where cases.kind = 'region';
comment on view team_workload is 'The workload of each team (ALLOC-25), by what its delivery unit is called today.';

create view continuity as
select
    region,
    shown ->> 'pdu' as pdu,
    (shown ->> 'changes')::integer as changes,
    count(*) as people
from open_cases
where shown ->> 'changes' is not null
group by region, shown ->> 'pdu', changes;
comment on view continuity is 'How many people have had how many changes of practitioner so far (ALLOC-2), by delivery unit: the most on any of their sentences.';

create view reviews_waiting as
select
    cases.subject,
    cases.region,
    cases.shown ->> 'pdu' as pdu,
    cases.practitioner,
    review.sentence_id,
    review.reason
from open_cases as cases
cross join lateral jsonb_to_recordset(cases.shown -> 'reviews') as review (sentence_id text, reason text);
comment on view reviews_waiting is 'Allocations that a manager is to look at again (ALLOC-13).';
