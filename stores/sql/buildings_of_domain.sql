-- In which buildings of a community do organisations of one domain stand?
-- params: community, month, domain
-- publish: building_id, organisations = public
select node_id as building_id, organisations
from domain_tree
where parent_key = 'place:' || $community and month = $month and domain = $domain and level = 'building'
order by node_id
