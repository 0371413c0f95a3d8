-- Positions with the town they stand in, by their own region or their organisation's.
select
    p.position_id, p.name, p.kind, coalesce(p.lon, s.lon) as lon, coalesce(p.lat, s.lat) as lat,
    coalesce(p.featured, false) as featured, p.org_id,
    coalesce(g.node_id, s.community_id) as region_id,
    coalesce(max(case when t.level = 'town' then t.node_id end), s.town_id) as town_id
from position p
left join place g on g.node_id = p.region_id
left join above a on a.basis = 'place' and a.node_id = g.node_id
left join place t on t.node_id = a.ancestor_id
left join seat s on s.org_id = p.org_id
group by p.position_id, p.name, p.kind, p.lon, p.lat, p.featured, p.org_id, g.node_id,
    s.community_id, s.town_id, s.lon, s.lat
order by p.position_id
