-- Where transfers of one domain stood at each month's end; as in transfer_state, without what is overdue.
-- A transfer counts under the organisations of the domain at either of its ends.
with stood as (
    select
        t.transfer_id, t.from_org_id, t.to_org_id, m.month, t.status
    from transfer t
    cross join rule r
    join month m on m.month = case
        when t.decided_at is not null then left(cast(t.decided_at as varchar), 7) else r.last_month end
    where t.status <> 'draft'
    union all
    select t.transfer_id, t.from_org_id, t.to_org_id, m.month, 'pending'
    from transfer t
    cross join rule r
    join month m
        on m.month < r.last_month and t.applied_on <= m.last_day
        and (t.decided_at is null or cast(t.decided_at as date) > m.last_day)
    where t.status <> 'draft'
),
ended as (
    select transfer_id, month, status, from_org_id as org_id from stood
    union
    select transfer_id, month, status, to_org_id from stood
),
touched as (
    select distinct e.transfer_id, e.month, e.status, c.basis, c.node_id, coalesce(o.domain, 'other') as domain
    from ended e
    join seat o on o.org_id = e.org_id
    join closure c on c.org_id = e.org_id
)
select t.basis, t.node_id, n.level, t.month, t.domain, t.status, count(*) as n
from touched t
join node n on n.basis = t.basis and n.node_id = t.node_id
group by t.basis, t.node_id, n.level, t.month, t.domain, t.status
order by t.basis, t.node_id, t.month
