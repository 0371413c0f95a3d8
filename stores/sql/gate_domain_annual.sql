-- For the gate's rounding only: a year's appraisal of all upper nodes by domain.
-- params: year
-- publish: basis, node_id, domain = public
select basis, node_id, domain, appraisal_eligible, appraised
from domain_annual
where year = $year and level in ('district', 'town', 'community', 'committee', 'general_branch')
