create view open_cases as
select subject, status, region, practitioner, wake_on, assessed_on, waiting, quarantined
from cases
where kind = 'person' and merged_into is null and status not in ('ended', 'not_supervised', '');
comment on view open_cases is 'People supervised now: allocated, unallocated or waiting for a risk assessment.';

create view unallocated_cases as
select region, status, count(*) as people, count(waiting) as without_choice
from open_cases
where status <> 'allocated'
group by region, status;
comment on view unallocated_cases is 'How many people wait for a practitioner, and how many of them because nobody has room.';

create view caseloads as
select p.subject as practitioner, p.region, p.status, count(o.subject) as people
from cases p
left join open_cases o on o.practitioner = p.subject
where p.kind = 'practitioner'
group by p.subject, p.region, p.status;
comment on view caseloads is 'How many people each practitioner supervises; the status tells who is over capacity.';
