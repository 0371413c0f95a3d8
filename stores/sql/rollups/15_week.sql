-- Activities and attendance under each node by week (its Monday).
with own as (
    select org_id, week, count(*) as activities, sum(due) as due, sum(attended) as attended
    from held
    group by org_id, week
)
select
    c.basis, c.node_id, n.level, o.week,
    cast(sum(o.activities) as bigint) as activities,
    cast(sum(o.due) as bigint) as due,
    cast(sum(o.attended) as bigint) as attended
from own o
join closure c on c.org_id = o.org_id
join node n on n.basis = c.basis and n.node_id = c.node_id
group by c.basis, c.node_id, n.level, o.week
order by c.basis, c.node_id, o.week
