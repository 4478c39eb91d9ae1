-- Who was merged into a case is asked with every batch.
create index cases_merged_into on cases (merged_into) where merged_into is not null;
