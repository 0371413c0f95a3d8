-- For the gate's rounding only: which organisations stand under which node?
-- params: 
-- publish: basis, node_id, org_id = public
select basis, node_id, org_id from closure
