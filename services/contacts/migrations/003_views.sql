create or replace view open_cases as
select subject, status, region, practitioner, wake_on, assessed_on, quarantined,
    array(select jsonb_array_elements_text(shown -> 'cohorts')) as cohorts
from cases
where kind = 'person' and merged_into is null and status not in ('ended', '');
comment on view open_cases is 'People whose contacts are watched: under supervision, about to be, or known by contacts only. The cohorts name who is older, a young adult or has a learning difficulty (EQ-4).';

create view victim_updates_due as
select cases.subject, cases.practitioner, cases.region, told.sentence_id, told.trigger, told.due_on
from cases
cross join lateral jsonb_to_recordset(cases.shown -> 'victim_updates_due')
    as told (sentence_id text, trigger text, due_on date)
where cases.merged_into is null;
comment on view victim_updates_due is 'What victims who asked to be kept informed are still to be told (VIC-1), with the last day. Names no victim.';
