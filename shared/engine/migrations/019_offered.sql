-- By which it is found in which pools anything offers itself: cases that do are few.
create index cases_offered on cases (subject) where pools <> '{}';
