-- Each organisation with every node of both hierarchies that it counts in.
select a.basis, a.node_id as org_id, a.ancestor_id as node_id
from above a
join seat s on s.org_id = a.node_id
where a.basis = 'affiliation'
union all
select a.basis, s.org_id, a.ancestor_id
from seat s
join above a on a.basis = 'place' and a.node_id = s.place_node
order by basis, node_id, org_id
