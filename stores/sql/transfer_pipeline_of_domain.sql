-- At which step do the transfers of this place's organisations of one domain stand at a month's end?
-- params: basis, node, month, domain
-- publish: node_id = node; level = level; status = band; n = flow
select node_id, level, status, n
from domain_transfer_state
where basis = $basis and node_id = $node and month = $month and domain = $domain
order by status
