-- For the gate's tables of flows only: how many members moved from which organisation to which?
-- params: from_month, to_month
-- publish: from_node, to_node = public; n = flow
select from_node, to_node, count(*) as n
from dated_move
where month between $from_month and $to_month
group by from_node, to_node
order by from_node, to_node
