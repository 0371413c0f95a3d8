-- Which buildings does a community have, with how many organisations, and how many units without one?
-- params: community, month
-- publish: building_id, name, kind, floors, lon, lat, organisations, gaps = public
select
    n.node_id as building_id, n.name, n.kind, n.floors, n.lon, n.lat,
    coalesce(t.organisations, 0) as organisations,
    n.gaps
from node n
left join tree t on t.parent_key = 'place:' || $community and t.month = $month and t.node_id = n.node_id
where n.parent_key = 'place:' || $community and n.level = 'building'
order by n.ord
