-- For the spatial questions only: what is known of every building in a month?
-- params: month
-- publish: node_id, level, name, kind, floors, community_id, lon, lat, organisations, gaps, members = public
select
    n.node_id, n.level, n.name, n.kind, n.floors, n.parent_id as community_id, n.lon, n.lat,
    coalesce(t.organisations, 0) as organisations, n.gaps, coalesce(t.members, 0) as members
from node n
left join tree t on t.key = n.key and t.month = $month
where n.basis = 'place' and n.level = 'building'
order by n.node_id
