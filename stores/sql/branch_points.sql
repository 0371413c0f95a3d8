-- Where do the branches of a month stand?
-- params: month
-- publish: org_id, name, short_name, kind, domain, lon, lat, town_id, community_id, building_id, floor = public
select org_id, name, short_name, kind, domain, lon, lat, town_id, community_id, building_id, floor
from seat
where level = 'branch' and first_month <= $month and until_month > $month
order by org_id
