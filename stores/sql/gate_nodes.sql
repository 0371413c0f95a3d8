-- For the gate's rounding only: which nodes do both hierarchies have? Floors only where an organisation stands.
-- params: 
-- publish: basis, node_id, parent_id, level = public
select basis, node_id, parent_id, level from node n
where level <> 'floor' or exists (select 1 from closure c where c.basis = n.basis and c.node_id = n.node_id)
order by basis, ord
