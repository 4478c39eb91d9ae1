-- The words that the code uses now.
comment on column journal.key is 'What the fact is about: its type (or what its key identifies) and its correction key.';
comment on column cases.pools is 'Of an entity: where it offers itself to requests.';
comment on column cases.waiting is 'The pools that its requests wait for.';
