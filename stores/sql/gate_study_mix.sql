-- For the gate's rounding only: the study of all upper nodes by kind over some months.
-- params: from_month, to_month
-- publish: basis, node_id, kind = public
select basis, node_id, kind, sum(hours) as hours, cast(sum(records) as bigint) as records
from study_month
where month between $from_month and $to_month and level in ('district', 'town', 'community', 'committee', 'general_branch')
group by basis, node_id, kind
