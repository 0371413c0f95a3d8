-- Where transfers stood at each month's end: decided ones in the month of the decision, open ones by their step.
-- The step is known for the last month only; in earlier months an open transfer is 'pending' and overdue unknown.
-- Overdue is a step that took more workdays than the rule allows. A transfer counts under both its ends.
with stood as (
    select
        t.transfer_id, t.from_org_id, t.to_org_id, m.month, t.status,
        case
            when t.status not like 'pending%' then 0
            when l.workdays - coalesce(c.workdays, 0) > r.step_workdays then 1
            else 0
        end as overdue
    from transfer t
    cross join rule r
    join month m on m.month = case
        when t.decided_at is not null then left(cast(t.decided_at as varchar), 7) else r.last_month end
    left join calendar l on l.day = r.as_of
    left join calendar c on c.day = cast(coalesce(t.step_entered_at, t.applied_on) as date)
    where t.status <> 'draft'
    union all
    select t.transfer_id, t.from_org_id, t.to_org_id, m.month, 'pending', null
    from transfer t
    cross join rule r
    join month m
        on m.month < r.last_month and t.applied_on <= m.last_day
        and (t.decided_at is null or cast(t.decided_at as date) > m.last_day)
    where t.status <> 'draft'
),
ended as (
    select transfer_id, month, status, overdue, from_org_id as org_id from stood
    union
    select transfer_id, month, status, overdue, to_org_id from stood
),
touched as (
    select distinct e.transfer_id, e.month, e.status, e.overdue, c.basis, c.node_id
    from ended e
    join closure c on c.org_id = e.org_id
)
select
    t.basis, t.node_id, n.level, t.month, t.status,
    count(*) as n,
    cast(sum(t.overdue) as bigint) as overdue
from touched t
join node n on n.basis = t.basis and n.node_id = t.node_id
group by t.basis, t.node_id, n.level, t.month, t.status
order by t.basis, t.node_id, t.month
