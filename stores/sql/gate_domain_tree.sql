-- For the gate's rounding only: the counts of all upper nodes by domain in a month.
-- params: month
-- publish: basis, node_id, domain = public
select
    basis, node_id, domain, members, due, attended, dues_liable, dues_paid,
    study_members, study_members - study_lagging as study_met, study_hours
from domain_tree
where month = $month and level in ('district', 'town', 'community', 'committee', 'general_branch')
