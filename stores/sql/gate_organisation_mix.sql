-- Members by domain of their organisation for all nodes down to community, for consistent rounding.
-- params: month
-- publish:
select d.basis, d.node_id, d.domain, cast(sum(d.members) as bigint) as members
from domain_month d join node n on n.basis = d.basis and n.node_id = d.node_id
where d.month = $month and n.level in ('district', 'town', 'community', 'committee', 'general_branch')
group by d.basis, d.node_id, d.domain
