-- What lies directly below this place?
-- params: basis, node
-- publish: node_id = node; level = level; kind, parent_id, name, name_en, lon, lat = public
select node_id, level, kind, parent_id, name, name_en, lon, lat
from node
where parent_key = $basis || ':' || $node
order by ord
