-- Each node with every node above it and itself, and what these are called.
with recursive walk(basis, node_id, ancestor_id, distance) as (
    select basis, node_id, node_id, 0 from node
    union all
    select w.basis, w.node_id, n.parent_id, w.distance + 1
    from walk w
    join node n on n.basis = w.basis and n.node_id = w.ancestor_id
    where n.parent_id is not null and w.distance < 50
)
select
    w.basis || ':' || w.node_id as key, w.basis, w.node_id, w.ancestor_id, w.distance,
    n.level, n.kind, n.parent_id, n.name, n.name_en, n.lon, n.lat
from walk w
join node n on n.basis = w.basis and n.node_id = w.ancestor_id
order by w.basis, w.node_id, w.distance
