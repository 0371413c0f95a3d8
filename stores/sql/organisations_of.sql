-- Which organisations belong to this place in a month?
-- params: basis, node, month
-- publish: org_id, name, short_name, kind, domain, parent_id, parent_name, region_name, building_name, floor, founded_on = public
-- publish: stars = public; level = level; members = members
select
    s.org_id, s.name, s.short_name, s.kind, s.domain, s.parent_id, s.parent_name, s.region_name, s.building_name,
    s.floor, s.founded_on, s.stars, s.level, t.members
from closure c
join seat s on s.org_id = c.org_id
join tree t on t.basis = 'affiliation' and t.node_id = s.org_id and t.month = $month
where c.basis = $basis and c.node_id = $node and s.first_month <= $month and s.until_month > $month
order by s.ord
