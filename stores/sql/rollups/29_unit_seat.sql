-- Units by the building and floor they stand on.
select u.building_id, u.floor, u.unit_id, u.name, u.coverage, u.org_id
from unit u
join place b on b.node_id = u.building_id and b.level = 'building'
order by u.building_id, u.floor
