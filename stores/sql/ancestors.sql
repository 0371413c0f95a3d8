-- Through which places does one come from the district to this one?
-- params: basis, node
-- publish: node_id = node; level = level; kind, parent_id, name, name_en, lon, lat = public
with own as (
    -- A floor on which nothing stands has no line above it of its own: its building has.
    select n.parent_key, n.node_id, n.level, n.kind, n.parent_id, n.name, n.name_en, n.lon, n.lat
    from node n
    where n.key = $basis || ':' || $node and not exists (select 1 from above a where a.key = $basis || ':' || $node)
),
line as (
    select a.ancestor_id as node_id, a.level, a.kind, a.parent_id, a.name, a.name_en, a.lon, a.lat, a.distance
    from above a
    where a.key = $basis || ':' || $node
    union all
    select o.node_id, o.level, o.kind, o.parent_id, o.name, o.name_en, o.lon, o.lat, 0
    from own o
    union all
    select a.ancestor_id, a.level, a.kind, a.parent_id, a.name, a.name_en, a.lon, a.lat, a.distance + 1
    from own o
    join above a on a.key = o.parent_key
)
select node_id, level, kind, parent_id, name, name_en, lon, lat
from line
order by distance desc
