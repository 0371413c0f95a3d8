-- How do the places directly below this one compare in a month, in one domain?
-- params: basis, node, month, domain
-- publish: node_id = node; level = level; name, name_en, kind = public; domain = band
-- publish: organisations, branches, activities = public
-- publish: members, due, attended, dues_liable, dues_paid, study_members, study_met = attribute
select
    n.node_id, n.level, n.name, n.name_en, n.kind, cast($domain as varchar) as domain,
    coalesce(d.organisations, 0) as organisations, coalesce(d.branches, 0) as branches,
    coalesce(d.activities, 0) as activities, coalesce(d.members, 0) as members,
    coalesce(d.due, 0) as due, coalesce(d.attended, 0) as attended,
    coalesce(d.dues_liable, 0) as dues_liable, coalesce(d.dues_paid, 0) as dues_paid,
    coalesce(d.study_members, 0) as study_members, coalesce(d.study_members - d.study_lagging, 0) as study_met
from node n
left join domain_tree d
    on d.parent_key = $basis || ':' || $node and d.month = $month and d.domain = $domain and d.node_id = n.node_id
where n.parent_key = $basis || ':' || $node
order by n.ord
