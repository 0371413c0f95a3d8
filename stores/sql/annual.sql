-- Of a year: who was appraised, which branches held their meeting, who was lost and found?
-- params: basis, node, year
-- publish: node_id = node; level = level; year, branches, org_life_branches_done = public
-- publish: appraisal_eligible, appraised = rate:appraisal(appraised, appraisal_eligible)
-- publish: lost_total, lost_found = rare
select node_id, level, year, appraisal_eligible, appraised, org_life_branches_done, branches, lost_total, lost_found
from annual
where basis = $basis and node_id = $node and year = $year
