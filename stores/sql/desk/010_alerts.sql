-- Warnings about organisations and what people did about them. Times are ISO text, days 'YYYY-MM-DD'.
-- One warning: an indicator, an organisation, the period in which the failing began. While it is open it may grow
-- worse; severity never falls on the same warning. value_num over value_den is what was counted, threshold the line.
create table alert (
    alert_id text primary key,
    indicator text not null,
    org_id text not null,
    period_key text not null,
    value_num double precision,
    value_den double precision,
    threshold double precision,
    severity integer not null,
    first_severity integer not null,
    seen_severity integer not null,
    opened_at text not null,
    escalated_at text,
    state text not null,
    state_at text not null,
    cleared_at text,
    clear_reason text,
    assigned_to text,
    promised_on text,
    rule_version integer not null,
    detail text not null
);
-- One open warning a key.
create unique index alert_one_open on alert (indicator, org_id, period_key) where cleared_at is null;
create index alert_org on alert (org_id);
create index alert_opened on alert (opened_at);
create index alert_cleared on alert (cleared_at);
-- Every step of every warning; seq counts from 1. actor is an account, 'system' for the evaluation itself.
create table alert_step (
    alert_id text not null,
    seq integer not null,
    at text not null,
    verb text not null,
    state text not null,
    severity integer not null,
    actor text not null,
    note text,
    evidence text,
    approver text,
    value text,
    primary key (alert_id, seq)
);
create index alert_step_at on alert_step (at);
-- Urging: 提醒 remind, 督办 urge, 约谈 talk, 实地指导 visit, 通报 notice. people = members it was about, null where
-- the warning is about no members.
create table urging (
    urging_id text primary key,
    alert_id text not null,
    kind text not null,
    by_account text not null,
    by_role text,
    to_org_id text not null,
    at text not null,
    due_on text,
    text text,
    people integer,
    reply_at text,
    result text
);
create index urging_alert on urging (alert_id);
create index urging_at on urging (at);
-- What will come due, as the last evaluation saw it: kind, organisation, day, how many.
create table coming_due (
    due_on text not null,
    kind text not null,
    org_id text not null,
    n integer not null,
    primary key (due_on, kind, org_id)
);
-- Evaluations: of which data date, when, of which version of the facts.
create table evaluation (
    as_of text not null primary key,
    ran_at text not null,
    facts_version integer not null,
    opened integer not null,
    escalated integer not null,
    closed integer not null
);
