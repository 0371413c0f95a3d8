-- Meetings held and attendance by institution for all nodes down to community, for consistent rounding.
-- params: month
-- publish:
select i.basis, i.node_id, i.institution, i.held, i.due, i.attended
from institution_month i join node n on n.basis = i.basis and n.node_id = i.node_id
where i.month = $month and n.level in ('district', 'town', 'community', 'committee', 'general_branch')
