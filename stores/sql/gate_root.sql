-- For the gate's rounding only: where does a hierarchy begin?
-- params: basis
-- publish: node_id = public
select node_id from node where basis = $basis and parent_id is null order by ord limit 1
