create view standards_met as
select
    period.pdu,
    period.practitioner,
    make_date(months.month / 12, months.month % 12 + 1, 1) as month,
    count(*) as tested,
    count(*) filter (where period.met) as met,
    count(*) filter (where period.excused) as excused,
    count(*) filter (where not period.met and not period.excused) as missed
from months
join cases using (subject)
cross join lateral jsonb_to_recordset(months.shown -> 'periods')
    as period (pdu text, practitioner text, met boolean, excused boolean)
where cases.merged_into is null
group by period.pdu, period.practitioner, months.month;
comment on view standards_met is 'The monthly standard of contact (CONT-2) by delivery unit, practitioner and calendar month: the periods that end in it and were tested. Each was met, excused or missed; whose it was on its last day.';

create view appointments_without_outcome as
select months.subject, cases.practitioner, appointment.contact_id, appointment.scheduled_on
from months
join cases using (subject)
cross join lateral jsonb_to_recordset(months.shown -> 'without_outcome')
    as appointment (contact_id text, scheduled_on date)
where cases.merged_into is null;
comment on view appointments_without_outcome is 'Contacts that are past and whose outcome was not recorded (CONT-13), on the day reached.';

create view home_visits_due as
select cases.subject, cases.practitioner, cases.shown ->> 'pdu' as pdu, visit.registration, visit.due_on
from cases
cross join lateral jsonb_to_recordset(cases.shown -> 'home_visits_due')
    as visit (registration text, due_on date)
where cases.merged_into is null;
comment on view home_visits_due is 'Home visits that a registration calls for and that did not take place yet (CONT-7), with their last day.';

create view rescheduled_contacts as
select
    months.subject,
    sum((months.shown -> 'rescheduled' ->> 'by_person')::integer) as by_person,
    sum((months.shown -> 'rescheduled' ->> 'by_service')::integer) as by_service
from months
join cases using (subject)
where cases.merged_into is null and months.shown -> 'rescheduled' is not null
group by months.subject;
comment on view rescheduled_contacts is 'How often contacts with a person were rescheduled, by whom (CONT-31): a pattern to talk about, never a failure.';
