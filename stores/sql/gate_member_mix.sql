-- A split of the members of a month for all nodes, for consistent rounding.
-- params: month, dim
-- publish:
select basis, node_id, band, n from member_cube where month = $month and dim = $dim
