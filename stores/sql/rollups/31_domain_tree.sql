-- What each node of both hierarchies counts in each month in one domain: the sum of its organisations of that domain.
select
    c.basis || ':' || c.node_id as key, c.basis || ':' || n.parent_id as parent_key,
    c.basis, c.node_id, n.level, l.month, coalesce(s.domain, 'other') as domain,
    cast(sum(case when s.first_month <= l.month and s.until_month > l.month then 1 else 0 end) as bigint) as organisations,
    cast(sum(case when s.level = 'branch' and s.first_month <= l.month and s.until_month > l.month then 1 else 0 end)
        as bigint) as branches,
    cast(sum(l.members) as bigint) as members,
    cast(sum(l.activities) as bigint) as activities,
    cast(sum(l.due) as bigint) as due,
    cast(sum(l.attended) as bigint) as attended,
    cast(sum(l.dues_liable) as bigint) as dues_liable,
    cast(sum(l.dues_paid) as bigint) as dues_paid,
    cast(sum(l.study_members) as bigint) as study_members,
    cast(sum(l.study_lagging) as bigint) as study_lagging,
    sum(l.study_hours) as study_hours
from closure c
join seat s on s.org_id = c.org_id
join leaf l on l.org_id = c.org_id
join node n on n.basis = c.basis and n.node_id = c.node_id
group by c.basis, c.node_id, n.parent_id, n.level, l.month, coalesce(s.domain, 'other')
order by c.basis, c.node_id, l.month
