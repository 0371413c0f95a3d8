-- How did activities and attendance go from week to week?
-- params: basis, node
-- publish: week = band; node_id = node; level = level; activities = public
-- publish: due, attended = rate:signin(attended, due)
select week, node_id, level, activities, due, attended
from week
where basis = $basis and node_id = $node
order by week
