-- For the gate's rounding only: the members of all upper nodes by domain in a month.
-- params: month
-- publish: basis, node_id, domain = public
select basis, node_id, domain, cast(sum(members) as bigint) as members
from domain_month
where month = $month and level in ('district', 'town', 'community', 'committee', 'general_branch')
group by basis, node_id, domain
