-- What became of each duty of an organisation, a letter a month from first_month on: h held, u made up for,
-- l held off its window, m missed, d not yet due, n not applicable, o no data.
create table duty_state (
    org_id text not null,
    institution text not null,
    first_month text not null,
    states text not null,
    primary key (org_id, institution)
);
-- The radar: numerator and denominator of each axis, node and quarter; value 0 to 100, null = a gap and why.
create table radar_value (
    basis text not null,
    node_id text not null,
    quarter text not null,
    axis text not null,
    num double precision,
    den double precision,
    value double precision,
    gap text,
    primary key (basis, node_id, quarter, axis)
);
-- What organisations of the same kind reach: quartiles of an axis over branches of one domain and size.
create table radar_peer (
    domain text not null,
    size_band text not null,
    quarter text not null,
    axis text not null,
    low double precision not null,
    middle double precision not null,
    high double precision not null,
    n integer not null,
    primary key (domain, size_band, quarter, axis)
);
create table radar_kind (
    node_id text primary key,
    domain text not null,
    size_band text not null
);
