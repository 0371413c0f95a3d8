-- Which organisations stand on which floor of a building?
-- params: building, month
-- publish: floor, org_id, name, short_name, kind, domain = public; level = level; members = members
select s.floor, s.org_id, s.name, s.short_name, s.kind, s.domain, 'branch' as level, t.members
from seat s
join tree t on t.basis = 'affiliation' and t.node_id = s.org_id and t.month = $month
where s.building_id = $building and s.first_month <= $month and s.until_month > $month
order by s.floor, s.org_id
