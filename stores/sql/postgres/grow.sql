-- The next version of the facts, told to every process that listens.
create or replace function facts.grow(out store_version bigint)
language plpgsql set search_path = facts, pg_temp
as $grow$
begin
    update meta set value = cast(cast(value as bigint) + 1 as text)
    where key = 'version'
    returning cast(value as bigint) into store_version;
    perform pg_notify('ejia', 'facts ' || store_version);
end
$grow$;
