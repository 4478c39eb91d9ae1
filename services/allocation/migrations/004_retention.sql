create view retained as
select subject, (shown ->> 'ended_on')::date as ended_on, (shown ->> 'retained_until')::date as retained_until,
    shown ->> 'retained_as' as retained_as
from cases
where kind = 'person' and merged_into is null and shown ->> 'retained_until' is not null;
comment on view retained is 'People whose supervision is over, and until when what is held about them is kept (SH-12).';
