-- Through which places does one come from the district to this one?
-- params: basis, node
-- publish: node_id = node; level = level; kind, parent_id, name, name_en, lon, lat = public
select n.node_id, n.level, n.kind, n.parent_id, n.name, n.name_en, n.lon, n.lat
from above a
join node n on n.basis = a.basis and n.node_id = a.ancestor_id
where a.basis = $basis and a.node_id = $node
order by a.distance desc
