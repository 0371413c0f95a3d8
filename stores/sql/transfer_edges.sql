-- Between which places did members move?
-- params: basis, level, from_month, to_month
-- publish: from_node, to_node = public; n = flow
select from_node, to_node, cast(sum(n) as bigint) as n
from od
where basis = $basis and level = $level and month between $from_month and $to_month
group by from_node, to_node
order by n desc, from_node, to_node
