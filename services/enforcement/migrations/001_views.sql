create view open_cases as
select subject, status, region, wake_on, assessed_on, quarantined
from cases
where kind = 'person' and merged_into is null and status not in ('', 'ended');
comment on view open_cases is 'People supervised on some sentence. status: supervised, breach_required or in_breach; wake_on: the next day on which something is due.';

create view breaches_to_bring as
select subject, region, assessed_on
from open_cases
where status = 'breach_required';
comment on view breaches_to_bring is 'People on an order of which a breach is required and has not been initiated.';
