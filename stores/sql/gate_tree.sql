-- Counts of a month for all nodes down to community and general branch, for consistent rounding.
-- params: month
-- publish:
select t.basis, t.node_id, t.activities, t.due, t.attended, t.study_members, t.study_hours, t.study_lagging,
       t.dues_liable, t.dues_paid, t.transfers_in, t.transfers_out, t.joined
from tree t join node n on n.basis = t.basis and n.node_id = t.node_id
where t.month = $month and n.level in ('district', 'town', 'community', 'committee', 'general_branch')
