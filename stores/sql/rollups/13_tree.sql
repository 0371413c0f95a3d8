-- What each node of both hierarchies counts in each month: the sum of its organisations.
-- Upper nodes stand here even when they count nothing. The path leads from the district down to the node.
with counting as (
    select * from node where level in ('district', 'town', 'community')
    union
    select n.* from node n where exists (select 1 from closure c where c.basis = n.basis and c.node_id = n.node_id)
),
path as (
    select a.basis, a.node_id, '/' || string_agg(a.ancestor_id, '/' order by a.distance desc) || '/' as path
    from above a
    join counting n on n.basis = a.basis and n.node_id = a.node_id
    group by a.basis, a.node_id
),
grown as (
    select
        c.basis, c.node_id, l.month,
        cast(sum(case when i.inside then 1 else 0 end) as bigint) as organisations,
        cast(sum(case when i.inside and i.level = 'committee' then 1 else 0 end) as bigint) as committees,
        cast(sum(case when i.inside and i.level = 'general_branch' then 1 else 0 end) as bigint) as general_branches,
        cast(sum(case when i.inside and i.level = 'branch' then 1 else 0 end) as bigint) as branches,
        cast(sum(l.members) as bigint) as members,
        cast(sum(l.full_members) as bigint) as full_members,
        cast(sum(l.probationary) as bigint) as probationary,
        cast(sum(l.joined) as bigint) as joined,
        cast(sum(l.transfers_in) as bigint) as transfers_in,
        cast(sum(l.transfers_out) as bigint) as transfers_out,
        cast(sum(l.activities) as bigint) as activities,
        cast(sum(l.due) as bigint) as due,
        cast(sum(l.attended) as bigint) as attended,
        cast(sum(l.on_leave) as bigint) as on_leave,
        cast(sum(l.dues_liable) as bigint) as dues_liable,
        cast(sum(l.dues_paid) as bigint) as dues_paid,
        cast(sum(l.study_members) as bigint) as study_members,
        cast(sum(l.study_lagging) as bigint) as study_lagging,
        sum(l.study_hours) as study_hours
    from closure c
    join leaf l on l.org_id = c.org_id
    join (
        select s.org_id, s.level, m.month, s.first_month <= m.month and s.until_month > m.month as inside
        from seat s, month m
    ) i on i.org_id = l.org_id and i.month = l.month
    group by c.basis, c.node_id, l.month
)
select
    n.key, n.parent_key, n.basis, n.node_id, n.level, n.parent_id, n.name, n.name_en, n.kind, n.ord, p.path, m.month,
    coalesce(g.organisations, 0) as organisations,
    coalesce(g.committees, 0) as committees,
    coalesce(g.general_branches, 0) as general_branches,
    coalesce(g.branches, 0) as branches,
    coalesce(g.members, 0) as members,
    coalesce(g.full_members, 0) as full_members,
    coalesce(g.probationary, 0) as probationary,
    coalesce(g.joined, 0) as joined,
    coalesce(g.transfers_in, 0) as transfers_in,
    coalesce(g.transfers_out, 0) as transfers_out,
    coalesce(g.activities, 0) as activities,
    coalesce(g.due, 0) as due,
    coalesce(g.attended, 0) as attended,
    coalesce(g.on_leave, 0) as on_leave,
    coalesce(g.dues_liable, 0) as dues_liable,
    coalesce(g.dues_paid, 0) as dues_paid,
    coalesce(g.study_members, 0) as study_members,
    coalesce(g.study_lagging, 0) as study_lagging,
    coalesce(g.study_hours, 0) as study_hours
from counting n
cross join month m
join path p on p.basis = n.basis and p.node_id = n.node_id
left join grown g on g.basis = n.basis and g.node_id = n.node_id and g.month = m.month
where g.node_id is not null or n.level in ('district', 'town', 'community')
order by m.month, n.basis, n.ord
