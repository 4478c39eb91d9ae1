create view referrals_by_stage as
select
    referral.region,
    cases.shown ->> 'pdu' as pdu,
    referral.kind,
    referral.stage,
    case
        when clock.day - referral.requested_on < 28 then 'under 4 weeks'
        when clock.day - referral.requested_on < 84 then '4 to 12 weeks'
        else 'over 12 weeks'
    end as age,
    count(*) as referrals
from cases
cross join clock
cross join lateral jsonb_to_recordset(cases.shown -> 'referrals')
    as referral (region text, kind text, stage text, requested_on date, ended_on date)
where cases.kind = 'person' and cases.merged_into is null and referral.ended_on is null
group by referral.region, pdu, referral.kind, referral.stage, age;
comment on view referrals_by_stage is 'Referrals that have not ended, by region, delivery unit, kind, stage and age since the request (DF-10).';

create view places as
select
    intervention.region,
    cases.subject as provider_id,
    intervention.intervention_id,
    intervention.kind,
    intervention.meets,
    intervention.places,
    intervention.free,
    intervention.waiting,
    intervention.next_start_on
from cases
cross join lateral jsonb_to_recordset(cases.shown -> 'interventions') as intervention (
    region text, intervention_id text, kind text, meets jsonb, places integer, free integer, waiting integer,
    next_start_on date
)
where cases.kind = 'provider';
comment on view places is 'The interventions on offer: places, those free now, people waiting and the next start (DF-11, SI-10).';

create view unpaid_work_hours as
select
    cases.subject,
    cases.region,
    cases.shown ->> 'pdu' as pdu,
    work.sentence_id,
    work.requirement_id,
    round(work.ordered_minutes / 60.0, 1) as ordered,
    round(work.worked_minutes / 60.0, 1) as worked,
    round(work.discount_minutes / 60.0, 1) as discount,
    work.sessions,
    work.stood_down,
    round(work.learning_without_need_minutes / 60.0, 1) as learning_without_need
from cases
cross join lateral jsonb_to_recordset(cases.shown -> 'work') as work (
    sentence_id text, requirement_id text, ordered_minutes integer, worked_minutes integer,
    discount_minutes integer, sessions integer, stood_down integer, learning_without_need_minutes integer
)
where cases.kind = 'person' and cases.merged_into is null;
comment on view unpaid_work_hours is 'Hours of unpaid work ordered and worked by requirement, sessions stood down (UPW-11), and hours of learning without an assessed need (UPW-8).';

create view open_items as
select
    cases.subject, cases.region, cases.shown ->> 'pdu' as pdu, item.item, item.key, item.due_on, item.need
from cases
cross join lateral jsonb_to_recordset(cases.shown -> 'open')
    as item (item text, key text, due_on date, need text)
where cases.kind = 'person' and cases.merged_into is null;
comment on view open_items is 'What waits for somebody: requirements at risk or due back at court, reviews, steps chased, needs unmet, referrals waiting.';

create view unmet_needs as
select region, pdu, need, count(*) as people
from open_items
where item = 'NeedUnmet'
group by region, pdu, need;
comment on view unmet_needs is 'How many people have a planned need that nothing listed would meet, by delivery unit (DF-17).';

create view coverage_gaps as
select cases.subject as region, gap.kind, gap.what, gap.pdu, gap.cohort, gap.severity
from cases
cross join lateral jsonb_to_recordset(cases.shown -> 'gaps')
    as gap (kind text, what text, pdu text, cohort text, severity text)
where cases.kind = 'region';
comment on view coverage_gaps is 'Core needs and programmes that a region or a delivery unit lacks (DF-6, AP-3).';

create view outcomes_by_provider as
select
    coalesce(referral.provider_id, 'probation_service') as provider_id,
    referral.region,
    result.outcome,
    count(*) as referrals,
    count(*) filter (where result.result = 'achieved') as achieved,
    count(*) filter (where result.result = 'partly') as partly,
    count(*) filter (where result.result = 'not_achieved') as not_achieved
from cases
cross join lateral jsonb_to_recordset(cases.shown -> 'referrals')
    as referral (provider_id text, region text, ended_on date, outcomes jsonb)
cross join lateral jsonb_to_recordset(referral.outcomes) as result (outcome text, result text)
where cases.kind = 'person' and cases.merged_into is null and referral.ended_on is not null
group by referral.provider_id, referral.region, result.outcome;
comment on view outcomes_by_provider is 'Results of the desired outcomes of referrals that ended, by provider and region (OUT-1, SI-7).';

create view service_calls as
select
    cases.subject as region, call.call_id, call.need, call.funding, call.posted_on, call.notified,
    call.specialists, call.awarded_to
from cases
cross join lateral jsonb_to_recordset(cases.shown -> 'calls') as call (
    call_id text, need text, funding text, posted_on date, notified integer, specialists integer,
    awarded_to text
)
where cases.kind = 'region';
comment on view service_calls is 'Service calls, how many providers were told and how many of these are specialists, and who was awarded it (DF-5).';

create view calls_that_reached_specialists as
select
    region,
    funding,
    count(*) as calls,
    count(*) filter (where specialists > 0) as reached_specialists,
    round(100.0 * count(*) filter (where specialists > 0) / count(*), 1) as percent
from service_calls
group by region, funding;
comment on view calls_that_reached_specialists is 'The share of service calls that at least one specialist or small voluntary body was told of (DF-5).';

create view consultations as
select cases.subject as region, held.consultation_id, held.held_on, held.voices
from cases
cross join lateral jsonb_to_recordset(cases.shown -> 'consultations')
    as held (consultation_id text, held_on date, voices jsonb)
where cases.kind = 'region';
comment on view consultations is 'Consultations of communities about unpaid work, by region (UPW-21).';

create view equality_of_referrals as
with counted as (
    select
        referral.region,
        cohort,
        count(*) as referrals,
        count(*) filter (where referral.ended_on is not null) as ended,
        count(*) filter (where referral.stage = 'completed') as completed,
        percentile_cont(0.5) within group (order by referral.made_on - referral.requested_on) as days_waited
    from cases
    cross join lateral jsonb_to_recordset(cases.shown -> 'referrals') as referral (
        region text, cohorts jsonb, stage text, requested_on date, made_on date, ended_on date
    )
    cross join lateral (
        select 'everyone'
        union all
        select jsonb_array_elements_text(referral.cohorts)
    ) as belongs (cohort)
    where cases.kind = 'person' and cases.merged_into is null
    group by referral.region, cohort
)
select
    region,
    cohort,
    case when referrals >= 10 then 5 * round(referrals / 5.0) end as referrals,
    case when ended >= 10 then 5 * round(ended / 5.0) end as ended,
    case when completed >= 10 then 5 * round(completed / 5.0) end as completed,
    case when referrals >= 10 then round(days_waited) end as days_waited
from counted;
comment on view equality_of_referrals is 'Referrals, completion and median days waited by region and group (EQ-2, DF-9). Counts under 10 are left out and others rounded to 5, so that nobody is named and nothing is found by subtraction.';
