-- Of a year and one domain: who was appraised, which branches held their meeting?
-- params: basis, node, year, domain
-- publish: node_id = node; level = level; domain = band; year, branches, org_life_branches_done = public
-- publish: appraisal_eligible, appraised = attribute
select node_id, level, domain, year, branches, org_life_branches_done, appraisal_eligible, appraised
from domain_annual
where basis = $basis and node_id = $node and year = $year and domain = $domain
