-- Buildings with units that no organisation covers although three or more members work there, by the building's point.
select
    b.node_id as building_id, b.name, b.parent_id as community_id, q.lon, q.lat,
    count(*) as units,
    cast(sum(u.member_count) as bigint) as members
from unit u
join place b on b.node_id = u.building_id and b.level = 'building'
join place_point q on q.node_id = b.node_id
where u.coverage = 'gap' and u.member_count >= 3
group by b.node_id, b.name, b.parent_id, q.lon, q.lat
order by b.node_id
