-- For the gate's rounding only: which nodes do both hierarchies have?
-- params: 
-- publish: basis, node_id, parent_id, level = public
select basis, node_id, parent_id, level from node order by basis, ord
