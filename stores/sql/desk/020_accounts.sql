-- Who may sign in, with which role, for which places; a password is kept as its argon2id hash only.
create table account (
    account_id text primary key,
    name text not null unique,
    role text not null,
    password text not null,
    made_at text not null,
    changed_at text not null,
    disabled_at text
);
-- A subtree of either hierarchy; the district itself stands for everything.
create table account_scope (
    account_id text not null references account (account_id),
    basis text not null,
    node text not null,
    primary key (account_id, basis, node)
);
-- Open sessions; the cookie's token is kept as its hash only.
create table sign_in (
    token_hash text primary key,
    session_id text not null unique,
    account_id text not null references account (account_id),
    made_at text not null,
    seen_at text not null,
    ends_at text not null,
    as_visitor integer not null
);
create index sign_in_account on sign_in (account_id);
-- How often signing in failed in a row, by account name and by address, and until when it has to wait.
create table sign_in_failure (
    key text primary key,
    failures integer not null,
    last_at text not null,
    wait_until text not null
);
