-- Who did what when, for whoever has to answer for it; never a member's person.
create table audit (
    audit_id text primary key,
    at text not null,
    account text,
    role text,
    action text not null,
    target text,
    outcome text not null,
    detail text
);
create index audit_at on audit (at);
