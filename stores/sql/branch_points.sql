-- Where do the branches of this place stand in a month?
-- params: place, month
-- publish: org_id, short_name, domain, lon, lat, town_id, community_id, building_id = public
select s.org_id, coalesce(s.short_name, s.name) as short_name, s.domain, s.lon, s.lat,
    s.town_id, s.community_id, s.building_id
from closure c
join seat s on s.org_id = c.org_id
where c.basis = 'place' and c.node_id = $place
  and s.level = 'branch' and s.first_month <= $month and s.until_month > $month
order by s.org_id
