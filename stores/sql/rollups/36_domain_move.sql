-- Completed transfers inside each node's organisations of one domain, into these and out of these.
with done as (
    select transfer_id, from_org_id, to_org_id, left(cast(decided_at as varchar), 7) as month
    from transfer
    where status = 'completed' and decided_at is not null
),
touched as (
    select d.transfer_id, d.month, c.basis, c.node_id, coalesce(s.domain, 'other') as domain, 1 as leaves, 0 as arrives
    from done d
    join seat s on s.org_id = d.from_org_id
    join closure c on c.org_id = d.from_org_id
    union all
    select d.transfer_id, d.month, c.basis, c.node_id, coalesce(s.domain, 'other'), 0, 1
    from done d
    join seat s on s.org_id = d.to_org_id
    join closure c on c.org_id = d.to_org_id
),
once as (
    select transfer_id, month, basis, node_id, domain, max(leaves) as leaves, max(arrives) as arrives
    from touched
    group by transfer_id, month, basis, node_id, domain
)
select
    o.basis, o.node_id, o.month, o.domain,
    cast(sum(o.leaves * o.arrives) as bigint) as inside,
    cast(sum((1 - o.leaves) * o.arrives) as bigint) as moved_in,
    cast(sum(o.leaves * (1 - o.arrives)) as bigint) as moved_out
from once o
join month m on m.month = o.month
group by o.basis, o.node_id, o.month, o.domain
order by o.basis, o.node_id, o.month
