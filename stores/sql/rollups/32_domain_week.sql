-- Activities under each upper node by week (its Monday) and domain.
with own as (
    select h.week, h.org_id, coalesce(s.domain, 'other') as domain, count(*) as activities
    from held h
    join seat s on s.org_id = h.org_id
    group by h.week, h.org_id, coalesce(s.domain, 'other')
)
select c.basis, c.node_id, n.level, o.week, o.domain, cast(sum(o.activities) as bigint) as activities
from own o
join closure c on c.org_id = o.org_id
join node n on n.basis = c.basis and n.node_id = c.node_id
where n.level in ('district', 'town', 'community', 'committee', 'general_branch')
group by c.basis, c.node_id, n.level, o.week, o.domain
order by c.basis, c.node_id, o.domain, o.week
