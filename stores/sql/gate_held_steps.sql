-- For the gate's pipeline only: which steps do the organisations of this place hold?
-- params: basis, node
-- publish: holder_org_id, status, waited, overdue = public
select s.holder_org_id, s.status, s.waited, s.overdue
from open_step s
join closure c on c.org_id = s.holder_org_id and c.basis = $basis and c.node_id = $node
order by s.holder_org_id, s.waited
