-- Each node with every node above it and itself, and what these are called. Floors without an organisation are left
-- out: they are most of all nodes, and their building says what is above.
with recursive used(node_id) as (
    select distinct building_id || '/' || cast(floor as varchar)
    from organisation
    where building_id is not null and floor is not null
),
walk(basis, node_id, ancestor_id, distance) as (
    select n.basis, n.node_id, n.node_id, 0
    from node n
    left join used u on u.node_id = n.node_id
    where n.level <> 'floor' or u.node_id is not null
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
