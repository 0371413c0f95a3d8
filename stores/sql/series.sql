-- How did this place go from month to month?
-- params: basis, node
-- publish: month = month; node_id = node; level = level
-- publish: organisations, activities = public; members = members
-- publish: due, attended = rate:signin(attended, due)
-- publish: dues_liable, dues_paid = rate:dues(dues_paid, dues_liable)
-- publish: study_members, study_met = rate:study(study_met, study_members)
-- publish: study_hours = conduct; study_lagging = rare
-- publish: transfers_in, transfers_out = flow
select
    t.month, t.node_id, t.level,
    t.organisations, t.members, t.activities, t.due, t.attended,
    t.study_members, t.study_members - t.study_lagging as study_met, t.study_lagging, t.study_hours,
    t.dues_liable, t.dues_paid, t.transfers_in, t.transfers_out
from tree t
where t.key = $basis || ':' || $node
order by t.month
