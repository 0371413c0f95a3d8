-- Which districts, towns and communities are there, from the top down?
-- params: 
-- publish: node_id = node; level = level; kind, parent_id, name, name_en, lon, lat = public
select node_id, level, kind, parent_id, name, name_en, lon, lat
from node
where basis = 'place' and level in ('district', 'town', 'community')
order by ord
