-- Each node with every node above it and itself.
with recursive walk(basis, node_id, ancestor_id, distance) as (
    select basis, node_id, node_id, 0 from node
    union all
    select w.basis, w.node_id, n.parent_id, w.distance + 1
    from walk w
    join node n on n.basis = w.basis and n.node_id = w.ancestor_id
    where n.parent_id is not null and w.distance < 50
)
select basis, node_id, ancestor_id, distance
from walk
order by basis, node_id, distance
