-- Which positions are there, and where?
-- params: 
-- publish: position_id, name, kind, lon, lat, featured, org_id, region_id, town_id = public
select position_id, name, kind, lon, lat, featured, org_id, region_id, town_id
from position_seat
order by position_id
