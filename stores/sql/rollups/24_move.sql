-- Completed transfers inside each node, into it and out of it.
with done as (
    select transfer_id, from_org_id, to_org_id, left(cast(decided_at as varchar), 7) as month
    from transfer
    where status = 'completed' and decided_at is not null
),
touched as (
    select d.transfer_id, d.month, c.basis, c.node_id, 1 as leaves, 0 as arrives
    from done d join closure c on c.org_id = d.from_org_id
    union all
    select d.transfer_id, d.month, c.basis, c.node_id, 0, 1
    from done d join closure c on c.org_id = d.to_org_id
),
once as (
    select transfer_id, month, basis, node_id, max(leaves) as leaves, max(arrives) as arrives
    from touched
    group by transfer_id, month, basis, node_id
)
select
    o.basis, o.node_id, o.month,
    cast(sum(o.leaves * o.arrives) as bigint) as inside,
    cast(sum((1 - o.leaves) * o.arrives) as bigint) as moved_in,
    cast(sum(o.leaves * (1 - o.arrives)) as bigint) as moved_out
from once o
join month m on m.month = o.month
group by o.basis, o.node_id, o.month
order by o.basis, o.node_id, o.month
