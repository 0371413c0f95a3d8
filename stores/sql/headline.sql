-- How many organisations and members does this place have?
-- params: basis, node, month
-- publish: node_id = node; level = level
-- publish: organisations, committees, general_branches, branches = public; members, full_members, probationary = members
select node_id, level, organisations, committees, general_branches, branches, members, full_members, probationary
from tree
where key = $basis || ':' || $node and month = $month
