-- How did the activities of this place's organisations of one domain go from week to week?
-- params: basis, node, domain
-- publish: week = band; node_id = node; level = level; activities = public
select w.week, w.node_id, w.level, coalesce(d.activities, 0) as activities
from week w
left join domain_week d on d.basis = w.basis and d.node_id = w.node_id and d.week = w.week and d.domain = $domain
where w.basis = $basis and w.node_id = $node
order by w.week
