-- Days that the clock announced and that could not begin at once. They begin by themselves.

create table announced_days (
    day date primary key
);
comment on table announced_days is 'Days that were announced before London had reached them, or before the days before them came.';
