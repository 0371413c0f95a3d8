-- Walls, the tablets that were paired with them, and the codes by which that happens.
create table wall (
    wall_id text primary key,
    name text not null,
    seen_at text not null
);
create table pairing (
    code_hash text primary key,
    wall_id text not null,
    expires_at text not null,
    tries integer not null
);
create table remote (
    remote_hash text not null,
    wall_id text not null,
    paired_at text not null,
    ended_at text,
    primary key (remote_hash, wall_id)
);
