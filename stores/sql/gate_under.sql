-- The organisations under each node of both hierarchies.
-- params:
-- publish:
select basis, node_id, org_id from closure
