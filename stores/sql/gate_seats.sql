-- For the gate's tables of flows only: where does each organisation stand?
-- params: 
-- publish: org_id = public
select org_id, building_id, community_id, town_id from seat
