create view actions_due as
select
    item.region,
    item.pdu,
    item.practitioner,
    item.item,
    case
        when clock.day - item.since < 7 then 'under a week'
        when clock.day - item.since < 28 then '1 to 4 weeks'
        else 'over 4 weeks'
    end as age,
    count(*) as due,
    count(*) filter (where item.due_on < clock.day) as overdue
from cases
cross join clock
cross join lateral jsonb_to_recordset(cases.shown -> 'open')
    as item (region text, pdu text, practitioner text, item text, since date, due_on date)
where cases.kind = 'person' and cases.merged_into is null
group by item.region, item.pdu, item.practitioner, item.item, age;
comment on view actions_due is 'What waits for somebody (an action, a breach to bring or to withdraw, a review, a warning to put right), by practitioner and age since the failure or the request (ENF-23).';

create view live_breaches as
select breach.region, breach.pdu, breach.practitioner, breach.stage, count(*) as breaches
from cases
cross join lateral jsonb_to_recordset(cases.shown -> 'breaches')
    as breach (region text, pdu text, practitioner text, stage text)
where cases.kind = 'person' and cases.merged_into is null and breach.stage <> 'over'
group by breach.region, breach.pdu, breach.practitioner, breach.stage;
comment on view live_breaches is 'Breaches that are not over, by stage: required, initiated, pack_completed, information_laid, before_court.';

create view warnings_in_force as
select
    cases.subject, warning.region, warning.pdu, warning.practitioner, warning.sentence_id, warning.action,
    warning.given_on, warning.until
from cases
cross join clock
cross join lateral jsonb_to_recordset(cases.shown -> 'warnings') as warning (
    region text, pdu text, practitioner text, sentence_id text, action text, given_on date, until date
)
where cases.kind = 'person' and cases.merged_into is null and warning.until >= clock.day;
comment on view warnings_in_force is 'Warnings that hold, with the last day on which they bind (ENF-1).';

create view enforcement_times as
select
    step.region,
    step.pdu,
    step.step,
    date_trunc('month', step.failed_on)::date as month,
    count(*) as failures,
    count(step.done_on) as done,
    percentile_cont(0.5) within group (order by step.done_on - step.failed_on) as median_days,
    max(step.done_on - step.failed_on) as longest_days
from (
    select failure.region, failure.pdu, 'letter' as step, failure.failed_on, failure.letter_on as done_on
    from cases
    cross join lateral jsonb_to_recordset(cases.shown -> 'failures')
        as failure (region text, pdu text, failed_on date, letter_on date)
    where cases.kind = 'person' and cases.merged_into is null
    union all
    select breach.region, breach.pdu, steps.step, breach.failed_on, steps.done_on
    from cases
    cross join lateral jsonb_to_recordset(cases.shown -> 'breaches') as breach (
        region text, pdu text, failed_on date, started_on date, packed_on date, laid_on date, heard_on date
    )
    cross join lateral (
        values ('breach', breach.started_on), ('pack', breach.packed_on),
            ('information', breach.laid_on), ('court', breach.heard_on)
    ) as steps (step, done_on)
    where cases.kind = 'person' and cases.merged_into is null and breach.failed_on is not null
) as step
group by step.region, step.pdu, step.step, month;
comment on view enforcement_times is 'Days from a failure to the letter, and from the failure that led to a breach to its initiation, the pack, the information and the first hearing; by delivery unit and month of the failure.';

create view breaches_after_review as
select
    breach.region,
    breach.pdu,
    breach.after_review,
    count(*) as breaches,
    round(100.0 * count(*) / sum(count(*)) over (partition by breach.region, breach.pdu), 1) as percent,
    count(*) filter (where breach.concluded_on is not null) as concluded,
    count(*) filter (where breach.sanction = 'none') as no_sanction,
    count(*) filter (where breach.sanction = 'fine') as fine,
    sum(breach.fine_pounds) as fines_pounds,
    max(breach.fine_pounds) as highest_fine_pounds,
    count(*) filter (where breach.sanction = 'unpaid_work') as unpaid_work,
    count(*) filter (where breach.sanction = 'more_onerous') as more_onerous,
    count(*) filter (where breach.sanction = 'custody') as custody
from cases
cross join lateral jsonb_to_recordset(cases.shown -> 'breaches') as breach (
    region text, pdu text, after_review boolean, started_on date, concluded_on date, sanction text,
    fine_pounds integer
)
where cases.kind = 'person' and cases.merged_into is null and breach.started_on is not null
group by breach.region, breach.pdu, breach.after_review;
comment on view breaches_after_review is 'Breaches begun within 12 months of a manager''s review of acceptable absences on the order, and the others: their share and what courts imposed (ENF-40).';
