-- For the gate's rounding only: a year's appraisal and contact of all upper nodes.
-- params: year
-- publish: basis, node_id = public
select basis, node_id, appraisal_eligible, appraised, lost_total, lost_found from annual where year = $year and level in ('district', 'town', 'community', 'committee', 'general_branch')
