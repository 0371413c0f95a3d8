-- For the gate's rounding only: the attendance of all upper nodes by week.
-- params: 
-- publish: basis, node_id, week = public
select basis, node_id, week, due, attended from week where level in ('district', 'town', 'community', 'committee', 'general_branch')
