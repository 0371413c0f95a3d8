-- Shifts: from taking over to handing over; to_at null while somebody is on duty.
create table shift (
    shift_id text primary key,
    account_id text not null references account (account_id),
    from_at text not null,
    to_at text
);
create index shift_account on shift (account_id, from_at);
-- Acts already done, by the key the desk's page gave them: sent again after a lost answer, an act is not done twice.
create table desk_act (
    act_key text primary key,
    account_id text not null,
    at text not null
);
-- Messages on their way out, one row a channel. state: waiting, sent, dead. Never a person in them.
create table notice (
    notice_id text primary key,
    made_at text not null,
    channel text not null,
    kind text not null,
    body text not null,
    state text not null,
    tries integer not null,
    next_at text not null,
    done_at text,
    error text
);
create index notice_waiting on notice (state, next_at);
