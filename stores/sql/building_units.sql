-- Which units does a building have, and does an organisation cover them? Units are counted, never named.
-- params: building
-- publish: floor, coverage = public
select floor, coverage
from unit_seat
where building_id = $building
order by floor, unit_id
