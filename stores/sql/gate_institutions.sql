-- For the gate's rounding only: the attendance of all upper nodes by institution in a month.
-- params: month
-- publish: basis, node_id, institution = public
select basis, node_id, institution, due, attended from institution_month where month = $month and level in ('district', 'town', 'community', 'committee', 'general_branch')
