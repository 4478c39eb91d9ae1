-- By which it is found in which pools anything offers itself: cases that do are few. To make the index takes about a
-- second with 240,000 cases, and batches wait so long.
-- squawk-ignore require-concurrent-index-creation
create index cases_offered on cases (subject) where pools <> '{}';
