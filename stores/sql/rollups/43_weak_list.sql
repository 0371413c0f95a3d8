-- Organisations listed as weak or backward, as people decided: a role that reads no fact may read this.
select org_id, listed_on, kind, criteria, lead_by, stage, delisted_on
from weak_org
order by listed_on, org_id
