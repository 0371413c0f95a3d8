-- Completed transfers into each node, out of it and inside, by reason, by route and by the borders they cross.
with touched as (
    select
        t.basis, t.node_id, d.month, d.reason, d.route, d.scope,
        case when f.org_id is null then 'in' else 'inside' end as direction
    from dated_move d
    join closure t on t.org_id = d.to_node
    left join closure f on f.basis = t.basis and f.node_id = t.node_id and f.org_id = d.from_node
    union all
    select f.basis, f.node_id, d.month, d.reason, d.route, d.scope, 'out'
    from dated_move d
    join closure f on f.org_id = d.from_node
    left join closure t on t.basis = f.basis and t.node_id = f.node_id and t.org_id = d.to_node
    where t.org_id is null
),
cut as (
    select basis, node_id, month, direction, 'reason' as dim, coalesce(reason, '') as band from touched
    union all
    select basis, node_id, month, direction, 'route', coalesce(route, '') from touched
    union all
    select basis, node_id, month, direction, 'scope', coalesce(scope, '') from touched
)
select basis, node_id, month, dim, band, direction, count(*) as n
from cut
group by basis, node_id, month, dim, band, direction
order by basis, node_id, month, dim, band, direction
