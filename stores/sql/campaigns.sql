-- How far are the campaigns 风筝 (members away), 归巢 (members lost) and 先锋 (members in service)?
-- params: basis, node
-- publish: node_id = node; level = level
-- publish: away, away_in_contact = rate:contact(away_in_contact, away)
-- publish: in_service, reported = rate:reporting(reported, in_service)
-- publish: lost_total, lost_found, lost_open, suspended = rare
select
    node_id, level, away, away_in_contact, in_service, reported, lost_total, lost_found, lost_open, suspended
from campaign
where basis = $basis and node_id = $node
