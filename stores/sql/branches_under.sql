-- Which branches belong to this place in a month?
-- params: basis, node, month
-- publish: org_id = public
select s.org_id
from closure c
join seat s on s.org_id = c.org_id
where c.basis = $basis and c.node_id = $node and s.level = 'branch' and s.first_month <= $month and s.until_month > $month
order by s.org_id
