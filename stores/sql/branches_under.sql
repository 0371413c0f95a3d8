-- Which branches belong to this place in a month, and where do they stand?
-- params: basis, node, month
-- publish: org_id, short_name, domain, lon, lat, community_id, building_id = public
select s.org_id, coalesce(s.short_name, s.name) as short_name, s.domain, s.lon, s.lat, s.community_id, s.building_id
from closure c
join seat s on s.org_id = c.org_id
where c.basis = $basis and c.node_id = $node and s.level = 'branch' and s.first_month <= $month and s.until_month > $month
order by s.org_id
