-- What did this place's members study, and for how many hours?
-- params: basis, node, from_month, to_month
-- publish: node_id = node; level = level; kind = band; hours, records = conduct
select node_id, level, kind, sum(hours) as hours, cast(sum(records) as bigint) as records
from study_month
where basis = $basis and node_id = $node and month between $from_month and $to_month
group by node_id, level, kind
order by hours desc, kind
