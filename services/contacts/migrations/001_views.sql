create view open_cases as
select subject, status, region, practitioner, wake_on, assessed_on, quarantined
from cases
where kind = 'person' and merged_into is null and status not in ('ended', '');
comment on view open_cases is 'People whose contacts are watched: under supervision, about to be, or known by contacts only.';
