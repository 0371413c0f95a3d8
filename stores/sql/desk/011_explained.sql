-- How each indicator was counted last: organisations judged, those that were not by reason, thresholds, rule.
create table indicator_run (
    indicator text primary key,
    checked integer not null,
    excluded text not null,
    parameters text not null,
    rule_version integer not null,
    period text not null,
    source text not null,
    tables text not null,
    holds integer not null
);
