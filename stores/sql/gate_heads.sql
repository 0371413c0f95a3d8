-- Head counts of a month for every node, for consistent rounding.
-- params: month
-- publish:
select basis, node_id, members, full_members, probationary from tree where month = $month
