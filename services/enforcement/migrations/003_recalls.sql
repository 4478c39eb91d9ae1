create view recalls_in_progress as
select
    cases.subject, recall.region, recall.pdu, recall.practitioner, recall.sentence_id, recall.stage,
    array_to_string(recall.missing, ', ') as missing, recall.begun_at, recall.part_a_due_at,
    recall.part_a_sent_at
from cases
cross join lateral jsonb_to_recordset(cases.shown -> 'recalls') as recall (
    region text, pdu text, practitioner text, sentence_id text, stage text, missing text[],
    begun_at timestamptz, part_a_due_at timestamptz, part_a_sent_at timestamptz
)
where cases.kind = 'person' and cases.merged_into is null
and recall.stage not in ('given_up', 'recalled', 'over');
comment on view recalls_in_progress is 'Recalls on their way: the last step, which of recommendation, agreement and endorsement are missing, and when Part A is due and was sent (ENF-27).';

comment on view open_cases is 'People supervised on some sentence. status: supervised, breach_required, in_breach, recall_considered, recall_in_progress or recalled; wake_on: the next day on which something is due.';
