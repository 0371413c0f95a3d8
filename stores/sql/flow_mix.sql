-- For which reasons, by which routes and over which borders did members move here?
-- params: basis, node, from_month, to_month
-- publish: node_id = node; level = level; dim = dim; band, direction = band; n = split
with touched as (
    select
        d.reason, d.route, d.scope,
        case when f.org_id is null then 'in' when t.org_id is null then 'out' else 'inside' end as direction
    from dated_move d
    left join closure f on f.basis = $basis and f.node_id = $node and f.org_id = d.from_node
    left join closure t on t.basis = $basis and t.node_id = $node and t.org_id = d.to_node
    where d.month between $from_month and $to_month and (f.org_id is not null or t.org_id is not null)
),
cut as (
    select 'reason' as dim, coalesce(reason, '') as band, direction from touched
    union all
    select 'route', coalesce(route, ''), direction from touched
    union all
    select 'scope', coalesce(scope, ''), direction from touched
)
select n.node_id, n.level, c.dim, c.band, c.direction, count(*) as n
from cut c
join node n on n.key = $basis || ':' || $node
group by n.node_id, n.level, c.dim, c.band, c.direction
order by c.dim, n desc, c.band, c.direction
