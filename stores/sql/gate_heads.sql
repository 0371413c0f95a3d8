-- For the gate's rounding only: the members of all nodes of both hierarchies in a month.
-- params: month
-- publish: basis, node_id = public
select basis, node_id, members, full_members, probationary from tree where month = $month
