-- Where do the branches of a month stand?
-- params: month
-- publish: org_id, short_name, domain, lon, lat, town_id, community_id, building_id = public
select org_id, coalesce(short_name, name) as short_name, domain, lon, lat, town_id, community_id, building_id
from seat
where level = 'branch' and first_month <= $month and until_month > $month
order by org_id
