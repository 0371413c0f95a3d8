-- Card readers and sign-in systems that may post sign-ins; only a hash of the token is kept.
create table reader_token (
    token_hash text primary key,
    reader text not null,
    replays integer not null,
    made_at text not null,
    revoked_at text
);
