-- For the gate's rounding only: one split of the members of all upper nodes in a month.
-- params: month, dim
-- publish: basis, node_id, band = public
select basis, node_id, band, n from member_cube where month = $month and dim = $dim
