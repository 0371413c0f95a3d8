-- In which domains do this place's organisations and members stand?
-- params: basis, node, month
-- publish: node_id = node; level = level; domain = band; organisations = public; members = attribute
select node_id, level, domain, cast(sum(organisations) as bigint) as organisations, cast(sum(members) as bigint) as members
from domain_month
where basis = $basis and node_id = $node and month = $month
group by node_id, level, domain
order by members desc, domain
