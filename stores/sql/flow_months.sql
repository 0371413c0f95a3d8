-- How many members moved into this place, out of it and inside it, month by month?
-- params: basis, node
-- publish: node_id = node; level = level; month = month; moved_in, moved_out, inside = flow
-- gate: months
select
    n.node_id, n.level, m.month,
    cast(coalesce(v.moved_in, 0) as bigint) as moved_in,
    cast(coalesce(v.moved_out, 0) as bigint) as moved_out,
    cast(coalesce(v.inside, 0) as bigint) as inside
from node n
cross join month m
left join move v on v.basis = n.basis and v.node_id = n.node_id and v.month = m.month
where n.key = $basis || ':' || $node
order by m.month
