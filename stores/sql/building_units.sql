-- Which units does a building have, and which organisation covers them?
-- params: building
-- publish: floor, unit_id, name, coverage, org_id = public
select floor, unit_id, name, coverage, org_id
from unit_seat
where building_id = $building
order by floor, unit_id
