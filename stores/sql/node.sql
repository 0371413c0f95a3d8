-- What is this place or organisation called, and where does it stand?
-- params: basis, node
-- publish: basis, floors = public
-- publish: node_id = node; level = level; kind, parent_id, name, name_en, lon, lat = public
select basis, node_id, level, kind, parent_id, name, name_en, lon, lat, floors
from node
where key = $basis || ':' || $node
