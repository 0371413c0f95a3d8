-- How many members moved inside this place, into it and out of it?
-- params: basis, node, from_month, to_month
-- publish: node_id = node; level = level; inside, moved_in, moved_out = flow
-- gate: own
select
    n.node_id, n.level,
    cast(coalesce(sum(m.inside), 0) as bigint) as inside,
    cast(coalesce(sum(m.moved_in), 0) as bigint) as moved_in,
    cast(coalesce(sum(m.moved_out), 0) as bigint) as moved_out
from node n
left join move m
    on m.basis = n.basis and m.node_id = n.node_id and m.month between $from_month and $to_month
where n.key = $basis || ':' || $node
group by n.node_id, n.level
