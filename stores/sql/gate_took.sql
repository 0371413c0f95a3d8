-- For the gate's sentences only: how many workdays did each completed transfer of this place take?
-- params: basis, node, from_month, to_month
-- publish: workdays = public
with own as (select org_id from closure where basis = $basis and node_id = $node)
select d.workdays
from dated_move d
where d.month between $from_month and $to_month
    and (d.from_node in (select org_id from own) or d.to_node in (select org_id from own))
order by d.workdays
