-- From which month until which (exclusive) a member belonged to which organisation, and with which standing.
-- Today's branch is traced back through completed transfers: before a transfer the member belonged to its sender,
-- before one from outside to nobody here. A member moves in the month of the decision; a member is on probation
-- until the month of full standing. Who has left without a transfer is not counted: when is not known.
with decided as (
    select
        member_pid, from_org_id, left(cast(decided_at as varchar), 7) as month,
        row_number() over (partition by member_pid order by decided_at, transfer_id) as turn
    from transfer
    where status = 'completed' and member_pid is not null and decided_at is not null
),
past as (
    select
        member_pid, from_org_id as org_id,
        coalesce(lag(month) over (partition by member_pid order by turn), '0000-00') as first_month,
        month as until_month
    from decided
),
last_move as (select member_pid, max(month) as month from decided group by member_pid),
stay as (
    select member_pid, org_id, first_month, until_month from past
    union all
    select m.member_pid, m.branch_id, coalesce(d.month, '0000-00'), '9999-99'
    from member m
    left join last_move d on d.member_pid = m.member_pid
    where m.status in ('full', 'probationary')
),
whole as (
    select
        s.member_pid, s.org_id,
        greatest(s.first_month, coalesce(m.joined_month, '0000-00'), r.first_month) as first_month,
        s.until_month,
        case when m.status = 'probationary' then '9999-99' else coalesce(m.full_month, '0000-00') end as full_month
    from stay s
    cross join rule r
    left join member m on m.member_pid = s.member_pid
    join seat o on o.org_id = s.org_id
),
pieces as (
    select member_pid, org_id, first_month, least(until_month, full_month) as until_month, 'probationary' as standing
    from whole
    union all
    select member_pid, org_id, greatest(first_month, full_month), until_month, 'full' from whole
)
select p.member_pid, p.org_id, p.first_month, p.until_month, p.standing
from pieces p, rule r
where p.first_month < p.until_month and p.first_month <= r.last_month
