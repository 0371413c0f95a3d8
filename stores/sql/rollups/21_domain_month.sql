-- Organisations and members under each node by domain and kind.
select
    c.basis, c.node_id, n.level, l.month, coalesce(s.domain, 'other') as domain, s.kind,
    cast(sum(case when s.first_month <= l.month and s.until_month > l.month then 1 else 0 end) as bigint) as organisations,
    cast(sum(l.members) as bigint) as members
from closure c
join seat s on s.org_id = c.org_id
join leaf l on l.org_id = c.org_id
join node n on n.basis = c.basis and n.node_id = c.node_id
group by c.basis, c.node_id, n.level, l.month, coalesce(s.domain, 'other'), s.kind
having sum(l.members) > 0 or sum(case when s.first_month <= l.month and s.until_month > l.month then 1 else 0 end) > 0
order by c.basis, c.node_id, l.month
