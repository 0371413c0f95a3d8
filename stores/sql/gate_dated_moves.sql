-- For the gate's tracing only: which moves were there, in the order of time?
-- params: from_month, to_month
-- publish: from_node, to_node, moved_at = public
select from_node, to_node, moved_at
from dated_move
where month between $from_month and $to_month
order by moved_at, from_node, to_node
