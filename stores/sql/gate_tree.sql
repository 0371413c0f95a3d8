-- For the gate's rounding only: the counts of all upper nodes of both hierarchies in a month.
-- params: month
-- publish: basis, node_id = public
select
    basis, node_id, members, full_members, probationary, due, attended, dues_liable, dues_paid,
    study_members, study_members - study_lagging as study_met, study_hours, study_lagging, transfers_in, transfers_out
from tree
where month = $month and level in ('district', 'town', 'community', 'committee', 'general_branch')
