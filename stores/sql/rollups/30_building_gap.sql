-- Units of a building that should have an organisation and have none.
select building_id, count(*) as gaps
from unit_seat
where coverage = 'gap'
group by building_id
