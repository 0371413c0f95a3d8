-- What each organisation itself counts in each month.
with head as (
    select org_id, first_month, until_month, standing, count(*) as n
    from spell
    group by org_id, first_month, until_month, standing
),
members as (
    select h.org_id, m.month, sum(h.n) as members, sum(case when h.standing = 'full' then h.n else 0 end) as full_members
    from head h
    join month m on m.month >= h.first_month and m.month < h.until_month
    group by h.org_id, m.month
),
joined as (
    select s.org_id, p.joined_month as month, count(*) as n
    from spell s
    join member p on p.member_pid = s.member_pid
    where p.joined_month >= s.first_month and p.joined_month < s.until_month
    group by s.org_id, p.joined_month
),
done as (
    select from_org_id, to_org_id, left(cast(decided_at as varchar), 7) as month
    from transfer
    where status = 'completed' and decided_at is not null
),
moved_in as (select to_org_id as org_id, month, count(*) as n from done group by to_org_id, month),
moved_out as (select from_org_id as org_id, month, count(*) as n from done group by from_org_id, month),
met as (
    select org_id, month, count(*) as activities, sum(due) as due, sum(attended) as attended, sum(on_leave) as on_leave
    from held
    group by org_id, month
),
study as (
    select branch_id as org_id, left(cast(on_date as varchar), 7) as month, sum(hours) as hours
    from study_record
    group by branch_id, left(cast(on_date as varchar), 7)
)
select
    s.org_id, m.month,
    cast(coalesce(h.members, 0) as bigint) as members,
    cast(coalesce(h.full_members, 0) as bigint) as full_members,
    cast(coalesce(h.members - h.full_members, 0) as bigint) as probationary,
    coalesce(j.n, 0) as joined,
    coalesce(i.n, 0) as transfers_in,
    coalesce(o.n, 0) as transfers_out,
    coalesce(e.activities, 0) as activities,
    cast(coalesce(e.due, 0) as bigint) as due,
    cast(coalesce(e.attended, 0) as bigint) as attended,
    cast(coalesce(e.on_leave, 0) as bigint) as on_leave,
    cast(coalesce(d.liable_count, 0) as bigint) as dues_liable,
    cast(coalesce(d.paid_count, 0) as bigint) as dues_paid,
    coalesce(t.members, 0) as study_members,
    cast(coalesce(y.hours, 0) as double precision) as study_hours,
    coalesce(t.lagging, 0) as study_lagging
from seat s
cross join month m
left join members h on h.org_id = s.org_id and h.month = m.month
left join joined j on j.org_id = s.org_id and j.month = m.month
left join moved_in i on i.org_id = s.org_id and i.month = m.month
left join moved_out o on o.org_id = s.org_id and o.month = m.month
left join met e on e.org_id = s.org_id and e.month = m.month
left join dues_month d on d.branch_id = s.org_id and d.month = m.month
left join studied t on t.org_id = s.org_id and t.month = m.month
left join study y on y.org_id = s.org_id and y.month = m.month
order by m.month, s.org_id
