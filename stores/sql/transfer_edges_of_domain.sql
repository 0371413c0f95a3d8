-- Between which places did members move from or to an organisation of one domain?
-- params: basis, level, from_month, to_month, domain
-- publish: from_node, to_node = public; n = flow
select from_node, to_node, cast(sum(n) as bigint) as n
from domain_od
where basis = $basis and level = $level and domain = $domain and month between $from_month and $to_month
group by from_node, to_node
order by n desc, from_node, to_node
