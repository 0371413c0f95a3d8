-- How did this place's organisations of one domain go from month to month?
-- params: basis, node, domain
-- publish: month = month; node_id = node; level = level; domain = band; organisations, activities = public
-- publish: due, attended, study_members, study_met, study_hours = attribute
-- Of one domain every count of conduct is a split of the whole, and is published as an attribute: a filter's
-- complement is subject to the same rules. Rates are made of what is published.
select
    month, node_id, level, domain, organisations, activities, due, attended,
    study_members, study_members - study_lagging as study_met, study_hours
from domain_tree
where key = $basis || ':' || $node and domain = $domain
order by month
