-- For counting weak organisations: which were listed when, how far are they?
-- params: 
-- publish: org_id, listed_on, kind, criteria, lead_by, stage, delisted_on = public
select org_id, listed_on, kind, criteria, lead_by, stage, delisted_on
from weak_list
order by listed_on, org_id
