-- Yearly counts for all nodes down to community, for consistent rounding.
-- params: year
-- publish:
select a.basis, a.node_id, a.appraisal_eligible, a.appraised, a.org_life_branches_done, a.branches,
       a.lost_total, a.lost_found
from annual a join node n on n.basis = a.basis and n.node_id = a.node_id
where a.year = $year and n.level in ('district', 'town', 'community', 'committee', 'general_branch')
