-- For the gate's pipeline only: which transfers under way touch this place, and for how long has each waited?
-- params: basis, node
-- publish: status, waited, overdue, letter, letter_run_out, letter_days, holder_org_id = public
with own as (select org_id from closure where basis = $basis and node_id = $node)
select s.status, s.waited, s.overdue, s.letter, s.letter_run_out, s.letter_days, s.holder_org_id
from open_step s
where s.from_org_id in (select org_id from own) or s.to_org_id in (select org_id from own)
order by s.status, s.waited
