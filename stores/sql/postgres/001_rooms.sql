-- Rooms of one database: facts that only their owner reads, roll-ups that the wall reads, the desk's records.
create schema facts;
create schema rollup;
create schema desk;
create table facts.migration (
    number integer primary key,
    name text not null,
    made_at timestamp not null default localtimestamp
);
create table facts.web_role (name text primary key);
