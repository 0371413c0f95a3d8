-- For the spatial questions only: which buildings have members in units that no organisation covers?
-- params: 
-- publish: building_id, name, community_id, lon, lat, units, members = public
select building_id, name, community_id, lon, lat, units, members
from blank
order by building_id
