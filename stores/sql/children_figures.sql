-- How do the places directly below this one compare in a month?
-- params: basis, node, month
-- publish: node_id = node; level = level; name, name_en, kind = public
-- publish: organisations, branches, activities = public; members = members
-- publish: due, attended = rate:signin(attended, due)
-- publish: dues_liable, dues_paid = rate:dues(dues_paid, dues_liable)
-- publish: study_members, study_met = rate:study(study_met, study_members)
-- publish: study_hours = conduct; study_lagging = rare
-- publish: transfers_in, transfers_out = flow
select
    t.node_id, t.level, t.name, t.name_en, t.kind,
    t.organisations, t.branches, t.members, t.activities, t.due, t.attended,
    t.study_members, t.study_members - t.study_lagging as study_met, t.study_lagging, t.study_hours,
    t.dues_liable, t.dues_paid, t.transfers_in, t.transfers_out
from tree t
where t.parent_key = $basis || ':' || $node and t.month = $month
order by t.ord
