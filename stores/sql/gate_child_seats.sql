-- For counting warnings: which organisations stand under each child of this node at the data date?
-- params: basis, node
-- publish: node_id, level, kind, name, name_en, lon, lat, org_id = public
select n.node_id, n.level, n.kind, n.name, n.name_en, n.lon, n.lat, c.org_id
from node n
cross join rule r
left join closure c on c.basis = n.basis and c.node_id = n.node_id and c.org_id in (
    select s.org_id from seat s, rule q where s.first_month <= q.last_month and s.until_month > q.last_month
)
where n.parent_key = $basis || ':' || $node
order by n.ord, c.org_id
