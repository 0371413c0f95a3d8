-- What is this organisation, where does it stand, how large is it?
-- params: org_id, month
-- publish: org_id, name, short_name, kind, domain, parent_id, parent_name, region_name, building_name, floor, founded_on = public
-- publish: community_id, building_id, lon, lat, stars, stars_year = public; level = level; members = members
select
    s.org_id, s.name, s.short_name, s.kind, s.domain, s.parent_id, s.parent_name, s.region_name, s.building_name,
    s.community_id, s.building_id, s.floor, s.lon, s.lat, s.founded_on, s.stars, s.stars_year, s.level, t.members
from seat s
left join tree t on t.key = 'affiliation:' || $org_id and t.month = $month
where s.org_id = $org_id
