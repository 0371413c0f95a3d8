-- Shapes of places and buildings for the map. Only PostgreSQL has them here: the embedded store has no geometry type,
-- its shapes are asked of the facts and worked on by shapely. Tiles want Web Mercator, turned once instead of per tile.
select
    s.node_id, s.level, s.parent_id, s.basis, s.geom, st_transform(s.geom, 3857) as mercator,
    n.name, n.kind, n.floors, n.gaps, coalesce(t.organisations, 0) as organisations
from (
    select region_id as node_id, level, parent_id, coalesce(geom_basis, 'schematic') as basis, geom
    from region
    where geom is not null
    union all
    select building_id, 'building', community_id, 'schematic', geom
    from building
    where geom is not null
) s
left join node n on n.basis = 'place' and n.node_id = s.node_id
left join rule r on true
left join tree t on t.basis = 'place' and t.node_id = s.node_id and t.month = r.last_month
order by s.level, st_geohash(st_centroid(s.geom), 8), s.node_id
