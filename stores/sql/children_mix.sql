-- How do the members of each place directly below this one divide by age, education or work?
-- params: basis, node, month, dim
-- publish: node_id = node; level = level; dim = dim; band = band; n = attribute
select c.node_id, c.level, c.dim, c.band, c.n
from node n
join member_cube c on c.basis = n.basis and c.node_id = n.node_id and c.month = $month and c.dim = $dim
where n.parent_key = $basis || ':' || $node
order by n.ord, c.ord
