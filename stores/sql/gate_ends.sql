-- For the gate's sentences only: how did the transfers of this place end?
-- params: basis, node, from_month, to_month
-- publish: status = public
select status, cast(sum(n) as bigint) as n
from transfer_state
where basis = $basis and node_id = $node and month between $from_month and $to_month
    and status in ('completed', 'returned', 'withdrawn', 'rejected', 'revoked')
group by status
order by status
