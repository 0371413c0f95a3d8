-- At which step do this place's transfers stand at a month's end, and how many are overdue?
-- params: basis, node, month
-- publish: node_id = node; level = level; status = band; n = flow; overdue = rare
select node_id, level, status, n, overdue
from transfer_state
where basis = $basis and node_id = $node and month = $month
order by status
