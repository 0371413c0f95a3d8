-- Which institutions of organisation life were kept under each node, by how many organisations.
with own as (
    select org_id, month, institution, count(*) as held, sum(due) as due, sum(attended) as attended
    from held
    group by org_id, month, institution
)
select
    c.basis, c.node_id, n.level, o.month, o.institution,
    cast(sum(o.held) as bigint) as held,
    cast(sum(o.due) as bigint) as due,
    cast(sum(o.attended) as bigint) as attended,
    count(*) as organisations
from own o
join closure c on c.org_id = o.org_id
join node n on n.basis = c.basis and n.node_id = c.node_id
group by c.basis, c.node_id, n.level, o.month, o.institution
order by c.basis, c.node_id, o.month
