-- Which institutions of organisation life were kept under each upper node in one domain, by how many organisations.
with own as (
    select org_id, month, institution, count(*) as held
    from held
    group by org_id, month, institution
)
select
    c.basis, c.node_id, n.level, o.month, coalesce(s.domain, 'other') as domain, o.institution,
    cast(sum(o.held) as bigint) as held,
    count(*) as organisations
from own o
join seat s on s.org_id = o.org_id
join closure c on c.org_id = o.org_id
join node n on n.basis = c.basis and n.node_id = c.node_id
group by c.basis, c.node_id, n.level, o.month, coalesce(s.domain, 'other'), o.institution
order by c.basis, c.node_id, o.month
