-- For which reasons, by which routes and over which borders did members move here?
-- params: basis, node, from_month, to_month
-- publish: node_id = node; level = level; dim = dim; band, direction = band; n = split
select m.node_id, n.level, m.dim, m.band, m.direction, cast(sum(m.n) as bigint) as n
from move_mix m
join node n on n.key = $basis || ':' || $node
where m.basis = $basis and m.node_id = $node and m.month between $from_month and $to_month
group by m.node_id, n.level, m.dim, m.band, m.direction
order by m.dim, n desc, m.band, m.direction
