-- Which session looked at what; never at whom. Kept for twelve months.
create table access_log (
    access_id text primary key,
    at text not null,
    session_id text not null,
    role text not null,
    screen text not null,
    region text,
    indicator text,
    filter text,
    row_count integer not null,
    suppressed integer not null
);
create index access_at on access_log (at);
