-- How many members moved inside this place's organisations of one domain, into them and out of them?
-- params: basis, node, from_month, to_month, domain
-- publish: node_id = node; level = level; inside, moved_in, moved_out = flow
select
    n.node_id, n.level,
    cast(coalesce(sum(m.inside), 0) as bigint) as inside,
    cast(coalesce(sum(m.moved_in), 0) as bigint) as moved_in,
    cast(coalesce(sum(m.moved_out), 0) as bigint) as moved_out
from node n
left join domain_move m
    on m.basis = n.basis and m.node_id = n.node_id and m.domain = $domain and m.month between $from_month and $to_month
where n.key = $basis || ':' || $node
group by n.node_id, n.level
