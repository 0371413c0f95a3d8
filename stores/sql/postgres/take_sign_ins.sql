-- Late sign-ins as exact deltas, in one journey. Whoever may call this needs no right on any fact.
create or replace function facts.take_sign_ins(
    activity_ids text[], member_pids text[], ats timestamp[], channels text[], reader_ids text[], states text[],
    sources text[], out taken_rows bigint, out store_version bigint
)
language plpgsql security definer set search_path = {path}, pg_temp
-- A batch touches a few buckets of many: each is found by its index, whatever the planner thinks of disks.
set random_page_cost = 1.1 set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $take$
declare
    latest_event text;
begin
    perform pg_advisory_xact_lock({lock});
    create temp table taken (activity_id text collate "C", state text, "at" timestamp) on commit drop;
    with offered as (
        select o.*
        from unnest(activity_ids, member_pids, ats, channels, reader_ids, states, sources)
            with ordinality as o(activity_id, member_pid, "at", channel, reader_id, state, source_id, line)
    ),
    firsts as (
        select distinct on (activity_id, member_pid) * from offered order by activity_id, member_pid, line
    ),
    done as (
        insert into attendance (
            activity_id, member_pid, "at", channel, reader_id, state, source_id, import_batch_id, updated_at
        )
        select activity_id, member_pid, "at", channel, reader_id, state, source_id, null, localtimestamp
        from firsts
        order by line
        on conflict do nothing
        returning attendance.activity_id, attendance.state, attendance."at"
    )
    insert into taken select activity_id, state, "at" from done;
    get diagnostics taken_rows = row_count;
    if taken_rows = 0 then
        select cast(value as bigint) into store_version from meta where key = 'version';
        return;
    end if;
    analyze taken;
    create temp table change on commit drop as {change};
    analyze change;
    {updates}
    {latest}
    if latest_event is not null then
        insert into meta (key, value) values ('last_event_at', latest_event)
        on conflict (key) do update set value = excluded.value;
    end if;
    store_version := facts.grow();
end
$take$;
