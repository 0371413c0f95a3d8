-- Through which places does one come from the district to this one?
-- params: basis, node
-- publish: node_id = node; level = level; kind, parent_id, name, name_en, lon, lat = public
select ancestor_id as node_id, level, kind, parent_id, name, name_en, lon, lat
from above
where key = $basis || ':' || $node
order by distance desc
