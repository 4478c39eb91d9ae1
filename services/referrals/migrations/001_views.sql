create view open_cases as
select subject, region, wake_on, assessed_on
from cases
where kind = 'person' and status = 'open' and merged_into is null;
comment on view open_cases is 'People with a sentence that is live, and the day on which the rules look at them again.';

create view cases_not_assessed as
select subject, region, assessed_on, quarantined as because
from cases
where quarantined is not null;
comment on view cases_not_assessed is 'People whose requirements could not be assessed, and why: mend the cause, then recheck.';
