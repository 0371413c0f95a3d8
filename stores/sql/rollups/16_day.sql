-- Activities and attendance by day, for district, towns and communities.
select
    c.basis, c.node_id, h.on_date,
    count(*) as activities,
    cast(sum(h.due) as bigint) as due,
    cast(sum(h.attended) as bigint) as attended
from held h
join closure c on c.org_id = h.org_id
join node n on n.basis = c.basis and n.node_id = c.node_id
where c.basis = 'place' and n.level in ('district', 'town', 'community')
group by c.basis, c.node_id, h.on_date
order by c.node_id, h.on_date
