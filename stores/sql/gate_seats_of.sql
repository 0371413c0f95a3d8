-- For counting warnings: which organisations stand under this node at the data date, and where?
-- params: basis, node
-- publish: org_id, name, short_name, level, kind, domain, region_name, lon, lat = public
select s.org_id, s.name, s.short_name, s.level, s.kind, s.domain, s.region_name, s.lon, s.lat
from closure c
join seat s on s.org_id = c.org_id
cross join rule r
where c.basis = $basis and c.node_id = $node and s.first_month <= r.last_month and s.until_month > r.last_month
order by s.ord
